//! One customer's story in one language: the same deeds, told by the transcript of his chat alone.

use crm::domain::lang::Lang;

use crate::person::Person;
use crate::world::{AIGERIM, BORIS, NORA, World};

/// The person of each language and the beginning of his machines' names.
pub fn each_language() -> Vec<(Lang, i64, &'static str)> {
    vec![(Lang::Kk, AIGERIM, "acme"), (Lang::Ru, BORIS, "birlik"), (Lang::En, NORA, "nomad")]
}

/// A transcript without spaces at the ends of its lines.
pub fn tidy(transcript: &str) -> String {
    transcript.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

/// A customer and his world.
pub struct Story {
    /// Everything.
    pub w: World,
    /// His language.
    pub lang: Lang,
    /// His Telegram id.
    pub id: i64,
    customer: &'static str,
}

impl Story {
    /// Of whoever speaks `lang`; the transcript shows his chat alone.
    pub async fn new(lang: Lang) -> Self {
        let (_, id, customer) = each_language().into_iter().find(|p| p.0 == lang).expect("a person");
        let mut w = World::new().await;
        w.telegram.only = Some(id);
        Self { w, lang, id, customer }
    }

    /// The customer at his chat.
    pub fn me(&mut self) -> Person<'_> {
        self.w.person(self.id)
    }

    /// The name of his machine: `vm("web")` is `acme-web`.
    pub fn vm(&self, name: &str) -> String {
        format!("{}-{name}", self.customer)
    }

    /// Of words in the order of the languages, his.
    pub fn words(&self, words: [&'static str; 3]) -> &'static str {
        let at = Lang::ALL.iter().position(|l| *l == self.lang).expect("a language");
        words[at]
    }

    /// Presses the button of his machine.
    pub async fn presses_vm(&mut self, name: &str) {
        let vm = self.vm(name);
        self.me().presses(&vm).await;
    }

    /// Asks for a graceful reboot of his `…-web`, from the menu to the last press.
    pub async fn reboots(&mut self) {
        self.me().says("/menu").await;
        self.me().taps("menu-reboot").await;
        self.presses_vm("web").await;
        self.me().taps("button-graceful").await;
        self.me().taps("button-confirm").await;
    }

    /// Asks a question, from the menu.
    pub async fn questions(&mut self, text: &str) {
        self.me().says("/menu").await;
        self.me().taps("menu-question").await;
        self.me().says(text).await;
    }

    /// The transcript is what the snapshot `name` of this language says.
    pub fn tells(&self, name: &str) {
        insta::assert_snapshot!(format!("{name}_{}", self.lang), tidy(self.w.transcript()));
    }
}
