//! Choosing the language.

use crm::domain::lang::Lang;
use crm::t;

use super::menu;
use super::talk::Talk;
use super::tap::{Place, Tap};
use crate::context::Result;
use crate::say::{Button, Say};

/// One button per language, each in its own words.
pub fn buttons() -> Vec<Button> {
    Lang::ALL.iter().map(|lang| Button::tap(t!(*lang, "language-name"), Tap::Language(*lang))).collect()
}

/// Asks which.
pub async fn ask(talk: &mut Talk, place: Place) -> Result<()> {
    // Whoever is here may not read the present language: the question is in all.
    let all: Vec<String> = Lang::ALL.iter().map(|lang| t!(*lang, "language-ask")).collect();
    let say = Say::html(all.join("\n")).row(buttons());
    talk.show(place, &say).await;
    Ok(())
}

/// Speaks it from now on, and goes on with what was going on.
pub async fn choose(talk: &mut Talk, lang: Lang) -> Result<()> {
    let (id, name, now) = (talk.ctx.incoming.from.id, talk.ctx.incoming.from.name.clone(), talk.ctx.now);
    talk.ctx.work().await.tx.account_language(id, &name, lang, now).await?;
    talk.ctx = talk.ctx.speaking(lang);
    let done = t!(lang, "language-done");
    talk.toast(&done).await;
    match talk.state() {
        Some(state) => {
            let facts = talk.facts(&state).await?;
            talk.ask(state, Some(done), Place::Here, &facts).await;
        }
        None => {
            let mut say = menu::menu(&talk.ctx);
            say.html = format!("{done}\n\n{}", say.html);
            talk.show(Place::Here, &say).await;
        }
    }
    Ok(())
}
