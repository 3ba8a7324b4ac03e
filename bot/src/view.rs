//! What customers' messages are made of: buttons, lists, lines about what went wrong. Words are in the locales alone.

use crm::domain::ids::TicketNumber;
use crm::domain::lang::Lang;
use crm::domain::refusal::Refusal;
use crm::plan_text;
use crm::store::Rented;
use crm::t;

use crate::flows::tap::{Choice, Place, Tap};
use crate::flows::wizard::{Draft, Page};
use crate::say::{Button, Say, escape};

/// Characters of a person's words that are shown back to him.
const EXCERPT: usize = 400;

/// A button that shows the menu below.
pub fn menu_button(lang: Lang) -> Button {
    Button::tap(t!(lang, "button-menu"), Tap::Menu(Place::Below))
}

/// A button that shows a ticket.
pub fn ticket_button(lang: Lang, number: TicketNumber, place: Place) -> Button {
    Button::tap(t!(lang, "button-open"), Tap::Ticket(number, place))
}

/// `html` after a line that must be seen first.
pub fn noted(note: Option<String>, html: String) -> String {
    match note {
        Some(note) => format!("{note}\n\n{html}"),
        None => html,
    }
}

/// The beginning of what somebody wrote, for HTML.
pub fn excerpt(text: &str) -> String {
    let mut cut: String = text.chars().take(EXCERPT).collect();
    if cut.len() < text.len() {
        cut.push('…');
    }
    escape(&cut)
}

/// Says of what was written, or sent as files alone, that it was not handed on.
pub fn unsent(lang: Lang, draft: &Draft) -> String {
    let text = excerpt(&draft.text);
    let files = t!(lang, "draft-files", n = draft.files.len());
    let both = match (text.is_empty(), draft.files.is_empty()) {
        (_, true) => text,
        (true, false) => files,
        (false, false) => format!("{text}\n{files}"),
    };
    t!(lang, "unsent", text = both)
}

/// Services that are offered as buttons; those beyond are typed. Telegram takes a hundred, a thumb a few.
const LISTED: usize = 20;

/// One answer per service; a locked machine has its lock beside the name.
pub fn services<'a>(lang: Lang, question: String, services: impl Iterator<Item = &'a Rented>) -> Page {
    let all: Vec<&Rented> = services.collect();
    let page = if all.len() > LISTED {
        Page::new(format!("{question}\n\n{}", t!(lang, "list-longer")))
    } else {
        Page::new(question)
    };
    all.into_iter().take(LISTED).fold(page, |page, service| {
        let lock = if service.lock_reason.is_some() { " 🔒" } else { "" };
        page.with(format!("{}{lock}", service.id), Choice::Service(service.id.clone()))
    })
}

/// What is written so far, as a quotation and a number of files; nothing if nothing is.
pub fn draft(lang: Lang, draft: &Draft) -> String {
    let mut html = String::new();
    if !draft.text.is_empty() {
        html.push_str(&format!("\n\n<blockquote>{}</blockquote>", excerpt(&draft.text)));
    }
    if !draft.files.is_empty() {
        html.push_str("\n\n");
        html.push_str(&t!(lang, "draft-files", n = draft.files.len()));
    }
    html
}

/// Why a machine is locked, in plain words; a reason that we have no words for is shown as the desk wrote it.
pub fn lock_reason(lang: Lang, reason: &str) -> String {
    escape(&plan_text::lock_reason(reason, lang))
}

/// A service that is not among the person's: another customer's looks like none at all.
pub fn no_such_service(lang: Lang, typed: &str) -> String {
    t!(lang, "no-such-service", typed = excerpt(typed))
}

/// A ticket that is not among the person's.
pub fn no_such_ticket(lang: Lang) -> String {
    t!(lang, "no-such-ticket")
}

/// The same is being done already.
pub fn already_open(lang: Lang, number: TicketNumber) -> Say {
    Say::html(t!(lang, "already-open", number = number.to_string()))
        .row([ticket_button(lang, number, Place::Below), menu_button(lang)])
}

/// Why something could not be done, and what to do instead.
pub fn refusal(lang: Lang, refusal: &Refusal, phone: &str) -> Say {
    let phone = escape(phone);
    let html = match refusal {
        Refusal::NotFound => no_such_ticket(lang),
        Refusal::NoSuchService => t!(lang, "refused-service", phone = phone),
        Refusal::NoSuchKind => t!(lang, "refused-kind", phone = phone),
        Refusal::NoTrialLeft => t!(lang, "trial-had", phone = phone),
        Refusal::AlreadyOpen(number) => return already_open(lang, *number),
        Refusal::WrongState(_)
        | Refusal::TakenBy(_)
        | Refusal::StaleAction
        | Refusal::ExpiredAction
        | Refusal::AnotherPersonNeeded
        | Refusal::EscalatedBy(_)
        | Refusal::CannotHold(_)
        | Refusal::OtherCustomer
        | Refusal::NotAttachable => t!(lang, "refused-now"),
        Refusal::Forbidden => t!(lang, "refused", phone = phone),
    };
    Say::html(html).row([menu_button(lang)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_wrote_is_cut_whole_and_escaped() {
        assert_eq!(excerpt("<b>&"), "&lt;b&gt;&amp;");
        let long = "ә".repeat(500);
        assert_eq!(excerpt(&long).chars().count(), EXCERPT + 1);
    }

    #[test]
    fn what_was_not_handed_on_is_never_an_empty_quote() {
        let place = crm::store::Attachment {
            kind: "location".to_owned(),
            file_id: None,
            name: None,
            size: None,
            source: None,
        };
        let drafts = [
            Draft { files: vec![place.clone()], ..Draft::default() },
            Draft { text: "a < b".to_owned(), files: vec![place], ..Draft::default() },
        ];
        for &lang in Lang::ALL {
            let [files, both] = drafts.each_ref().map(|draft| unsent(lang, draft));
            assert!(files.contains("<blockquote>📎 1"), "{files}");
            assert!(both.contains("<blockquote>a &lt; b\n📎 1"), "{both}");
        }
    }
}
