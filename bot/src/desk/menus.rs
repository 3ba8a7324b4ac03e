//! The commands that Telegram shows to staff: in private, in the reader's language, and in the desk group.

use crm::domain::lang::Lang;
use crm::domain::person::Right;
use crm::store::{Call, Staff};
use crm::t;
use serde_json::{Value, json};

use crate::context::Context;

/// What staff of any role may ask for, then what belongs to the shift, to whoever answers for the promises, to whoever leads the shift.
const READ: [&str; 7] = ["queue", "mine", "oncall", "breaches", "sla", "find", "web"];
const HANDLE: [&str; 1] = ["r"];
const ANSWER_FOR: [&str; 1] = ["report"];
const LEAD: [&str; 2] = ["emergency", "broadcast"];
const GROUP: [&str; 6] = ["queue", "oncall", "breaches", "sla", "find", "r"];

/// The commands of a staff member, in the order in which they are shown.
fn words_of(staff: &Staff) -> impl Iterator<Item = &'static &'static str> {
    let handle = HANDLE.iter().filter(|_| staff.role.may(Right::Handle));
    let lead = LEAD.iter().filter(|_| staff.role.may(Right::Emergency));
    let answer_for = ANSWER_FOR.iter().filter(|_| staff.role.may(Right::Credit));
    READ.iter().chain(handle).chain(answer_for).chain(lead)
}

/// What a staff member may ask for, a line each.
pub fn help(staff: &Staff, lang: Lang) -> String {
    let line = |word: &&str| format!("/{word} – {}", t!(lang, &format!("desk-command-{word}")));
    words_of(staff).map(line).collect::<Vec<_>>().join("\n")
}

fn listed<'a>(words: impl Iterator<Item = &'a &'a str>, lang: Lang) -> Vec<Value> {
    words
        .map(|word| json!({ "command": word, "description": t!(lang, &format!("desk-command-{word}")) }))
        .collect()
}

/// The call that sets a staff member's menu in his private chat: his own commands, then everybody's.
pub fn of_staff(staff: &Staff, chat: i64, lang: Lang) -> Call {
    let mut commands = listed(words_of(staff), lang);
    commands.extend(
        crate::flows::commands(lang)
            .into_iter()
            .map(|(command, description)| json!({ "command": command, "description": description })),
    );
    set(&commands, chat)
}

/// The call that sets the desk group's menu.
pub fn of_group(chat: i64, lang: Lang) -> Call {
    set(&listed(GROUP.iter(), lang), chat)
}

fn set(commands: &[Value], chat: i64) -> Call {
    let params = json!({ "commands": commands, "scope": { "type": "chat", "chat_id": chat } });
    Call { method: "setMyCommands".to_owned(), params, ticket: None, remember: None }
}

/// Sets the menu of whoever writes. Not worth keeping over a crash.
pub async fn refresh(ctx: &Context) {
    if let Some(staff) = &ctx.person.staff {
        let call = of_staff(staff, ctx.incoming.from.id, ctx.lang);
        ctx.work().await.fleeting.push(call);
    }
}
