//! The engineers' desk: who takes, who is told, what reaches the customer and what never does.

use bot::desk::tap::DeskTap;
use bot::desk::thread;
use bot::handler::Handler;
use bot::wording::Scene;
use crm::clock::Clock;
use crm::domain::actor::Actor;
use crm::domain::decide::Command;
use crm::domain::event::Origin;
use crm::domain::form::Form;
use crm::domain::ids::{ContactId, CustomerId, MessageId, ServiceId, TicketNumber};
use crm::domain::kind::{Channel, Kind};
use crm::domain::lang::Lang;
use crm::domain::ticket::State;
use crm::service::{NewTicket, Words};
use crm::store::{Attachment, Message, Side};
use serde_json::json;

use crate::world::{AIGERIM, BORIS, BOT, DANA, DESK, NURLAN, World};

/// Aigerim's ticket, opened as her dialogue opens it.
pub async fn open(w: &mut World, kind: Kind, form: Form, text: &str) -> i64 {
    open_with(w, kind, form, Words::text(text)).await
}

pub async fn open_with(w: &mut World, kind: Kind, form: Form, words: Words) -> i64 {
    let (contact, customer) = (ContactId::from("aigerim"), CustomerId::from("acme"));
    let new = NewTicket {
        kind,
        form,
        requester: Some((contact.clone(), customer.clone())),
        requester_name: "Айгерім".to_owned(),
        language: Lang::Kk,
        origin: Origin { channel: Channel::Telegram, chat: Some(AIGERIM) },
        words,
    };
    let mut tx = w.db.begin().await.expect("a transaction");
    let actor = Actor::Contact { id: contact, customer };
    let ticket = w.service.open(&mut tx, new, &actor).await.expect("opened");
    tx.commit().await.expect("committed");
    w.deliver().await;
    ticket.number.0
}

/// Another customer's ticket, by a contact without Telegram.
pub async fn open_as(
    w: &mut World,
    (contact, customer): (ContactId, CustomerId),
    kind: Kind,
    text: &str,
) -> i64 {
    let new = NewTicket {
        kind,
        form: Form::Fault { service: None, since: None },
        requester: Some((contact.clone(), customer.clone())),
        requester_name: "Борис".to_owned(),
        language: Lang::Ru,
        origin: Origin { channel: Channel::Telegram, chat: Some(BORIS) },
        words: Words::text(text),
    };
    let mut tx = w.db.begin().await.expect("a transaction");
    let ticket =
        w.service.open(&mut tx, new, &Actor::Contact { id: contact, customer }).await.expect("opened");
    tx.commit().await.expect("committed");
    w.deliver().await;
    ticket.number.0
}

pub async fn question(w: &mut World) -> i64 {
    open(w, Kind::Question, Form::Plain, "Резервтік көшірме қалай жасалады?").await
}

pub async fn unlock(w: &mut World) -> i64 {
    let form = Form::VmUnlock { vm: ServiceId::from("acme-db"), lock_reason: Some("abuse".to_owned()) };
    open(w, Kind::VmUnlock, form, "").await
}

pub async fn customer(w: &mut World, number: i64, text: &str) {
    let id = w.ticket(number).await.id;
    let actor = Actor::Contact { id: ContactId::from("aigerim"), customer: CustomerId::from("acme") };
    let words = (Side::Customer, Words::text(text));
    let mut tx = w.db.begin().await.expect("a transaction");
    w.service.write(&mut tx, id, words, Command::Write, &actor).await.expect("allowed");
    tx.commit().await.expect("committed");
    w.deliver().await;
}

/// Presses a button with this data under that message, whether it is shown or not.
pub async fn press(w: &mut World, who: i64, chat: i64, message: i64, data: &str) {
    w.telegram.note(chat, who, &format!("[{data}]"));
    let kind = if chat < 0 { "supergroup" } else { "private" };
    w.update(json!({ "callback_query": {
        "id": "press", "data": data, "from": { "id": who, "is_bot": false, "first_name": "Somebody" },
        "message": { "message_id": message, "date": 0, "chat": { "id": chat, "type": kind } },
    }}))
    .await;
}

/// What was seen since `from`.
pub fn since(w: &World, from: usize) -> &str {
    &w.transcript()[from..]
}

/// What somebody's chat was shown since `from`: the blocks addressed to `name`.
pub fn shown_to(w: &World, from: usize, name: &str) -> String {
    let mut ours = false;
    let mut shown = String::new();
    for line in since(w, from).lines() {
        if line.starts_with("    ") {
            if ours {
                shown.push_str(line);
                shown.push('\n');
            }
        } else {
            ours = line.contains(&format!("→ {name} #")) || line.contains(&format!("↻ {name} #"));
        }
    }
    shown
}

pub fn mark(w: &World) -> usize {
    w.transcript().len()
}

#[tokio::test]
async fn one_card_edited_in_place() {
    let mut w = World::new().await;
    let n = question(&mut w).await;
    w.person(NURLAN).at(DESK).presses("Алу").await;
    w.minutes(6).await;
    let cards = w.transcript().matches("→ DESK #1\n").count();
    assert_eq!(cards, 1, "{}", w.transcript());
    assert!(w.transcript().contains("↻ DESK #1\n"), "{}", w.transcript());
    assert_eq!(w.ticket(n).await.assignee.map(|s| s.to_string()).as_deref(), Some("nurlan"));
}

#[tokio::test]
async fn of_two_who_take_one_wins_and_the_other_is_told() {
    let mut w = World::new().await;
    let n = question(&mut w).await;
    w.person(NURLAN).at(DESK).presses("Алу").await;
    let (message, data, _) = w.telegram.old_button(DESK, "Алу", 0);
    let from = mark(&w);
    press(&mut w, DANA, DESK, message, &data).await;
    assert!(since(&w, from).contains("(window: Обращение уже взято: Нұрлан."), "{}", since(&w, from));
    assert_eq!(w.ticket(n).await.assignee.map(|s| s.to_string()).as_deref(), Some("nurlan"));
}

#[tokio::test]
async fn of_two_who_take_at_the_same_moment_one_wins() {
    let mut w = World::new().await;
    let n = question(&mut w).await;
    let press = |update_id: i64, who: i64| {
        let update = json!({ "update_id": update_id, "callback_query": {
            "id": format!("press-{update_id}"), "data": DeskTap::Take(TicketNumber(n)).to_string(),
            "from": { "id": who, "is_bot": false, "first_name": "Somebody" },
            "message": { "message_id": 1, "date": 0, "chat": { "id": DESK, "type": "supergroup" } },
        }});
        let raw = serde_json::value::to_raw_value(&update).expect("JSON");
        bot::update::raw(&raw).expect("an update")
    };
    let handler = |bot| Handler::new(w.service.clone(), w.settings.clone(), w.db.clone(), bot, true);
    let (one, two) = (handler(BOT), handler(BOT + 1));
    let (a, b) = ([press(901, NURLAN)], [press(902, DANA)]);
    let (a, b) = tokio::join!(one.receive(&a), two.receive(&b));
    let answers = [a.expect("handled"), b.expect("handled")].map(|handled| {
        let answer = handled.fleeting.first().expect("every press is answered").clone();
        answer.params["show_alert"] == true
    });
    assert!(answers.contains(&true) && answers.contains(&false), "one wins, the other is told: {answers:?}");
    assert!(w.ticket(n).await.assignee.is_some());
}

#[tokio::test]
async fn ask_answer_solve_confirm() {
    let mut w = World::new().await;
    let n = question(&mut w).await;

    w.person(NURLAN).at(DESK).presses("Сұрау").await;
    let from = mark(&w);
    w.person(NURLAN).at(DESK).replies("сұрағыңызды", "Қай машина туралы?").await;
    assert!(shown_to(&w, from, "Айгерім").contains("Қай машина туралы?"), "{}", since(&w, from));
    assert_eq!(w.ticket(n).await.state, State::WaitingCustomer);
    assert!(since(&w, from).contains("(setMessageReaction)"), "{}", since(&w, from));

    let from = mark(&w);
    customer(&mut w, n, "acme-web <машинасы>").await;
    let desk = shown_to(&w, from, "DESK");
    assert!(desk.contains("acme-web &lt;машинасы&gt;"), "{desk}");
    assert!(since(&w, from).contains("↪#1"), "under the card: {}", since(&w, from));
    assert!(shown_to(&w, from, "Нұрлан").contains("acme-web"), "the holder hears it: {}", since(&w, from));

    let from = mark(&w);
    w.person(NURLAN).at(DESK).replies("acme-web &lt;", "Кабинетте «Көшірмелер» бөлімі бар.").await;
    assert!(shown_to(&w, from, "Айгерім").contains("«Көшірмелер»"), "{}", since(&w, from));

    w.person(NURLAN).at(DESK).presses("✅ Шешілді").await;
    let from = mark(&w);
    w.person(NURLAN).at(DESK).says("Енді көшірме күн сайын жасалады.").await;
    assert!(shown_to(&w, from, "Айгерім").contains("күн сайын"), "{}", since(&w, from));
    assert_eq!(w.ticket(n).await.state, State::Solved);

    let from = mark(&w);
    let aigerim = Actor::Contact { id: ContactId::from("aigerim"), customer: CustomerId::from("acme") };
    w.command(n, Command::Confirm, &aigerim).await.expect("allowed");
    assert!(shown_to(&w, from, "DESK").contains("тапсырыс беруші растады"), "{}", since(&w, from));
    assert_eq!(w.ticket(n).await.state, State::Closed);
    insta::assert_snapshot!("the_desk_group_of_one_ticket", shown_to(&w, 0, "DESK"));
}

#[tokio::test]
async fn a_note_never_reaches_the_customer() {
    let mut w = World::new().await;
    let n = question(&mut w).await;
    let from = mark(&w);
    w.person(NURLAN).at(DESK).replies("KM-000001", "// құпия: тарифі төмен").await;
    w.person(NURLAN).at(DESK).replies("KM-000001", "  //тағы құпия").await;
    w.person(NURLAN).at(DESK).presses("Сұрау").await;
    w.person(NURLAN).at(DESK).replies("сұрағыңызды", "// сұрақтың орнына құпия").await;
    w.minutes(3).await;
    assert_eq!(shown_to(&w, from, "Айгерім"), "", "{}", since(&w, from));
    let mut tx = w.db.begin().await.expect("a transaction");
    let id = w.ticket(n).await.id;
    let notes = tx.messages(id, true).await.expect("read");
    assert_eq!(notes.iter().filter(|m| m.side == Side::Note).count(), 3);
    assert_eq!(w.ticket(n).await.state, State::New);
}

#[tokio::test]
async fn solve_without_words_and_cancel() {
    let mut w = World::new().await;
    let n = question(&mut w).await;
    w.person(NURLAN).at(DESK).presses("✅ Шешілді").await;
    let from = mark(&w);
    w.person(DANA).at(DESK).presses("Болдырмау").await;
    assert!(since(&w, from).contains("(window: Это спросили не у вас"), "{}", since(&w, from));
    w.person(NURLAN).at(DESK).presses("Болдырмау").await;
    w.person(NURLAN).at(DESK).says("осы сөз ешкімге бармайды").await;
    assert!(!shown_to(&w, from, "Айгерім").contains("осы сөз"), "{}", since(&w, from));

    w.person(NURLAN).at(DESK).presses("✅ Шешілді").await;
    w.person(NURLAN).at(DESK).presses("Сөзсіз").await;
    assert_eq!(w.ticket(n).await.state, State::Solved);
}

/// What was answered cannot be cancelled: the prompt says so by having no button, and who presses the old one is told the truth.
#[tokio::test]
async fn an_answered_prompt_has_nothing_to_cancel() {
    let mut w = World::new().await;
    let n = question(&mut w).await;
    w.person(NURLAN).at(DESK).presses("Сұрау").await;
    let prompt = w.telegram.find(DESK, "сұрағыңызды");
    let from = mark(&w);
    w.person(NURLAN).at(DESK).replies("сұрағыңызды", "Қай машина туралы?").await;
    let gone = format!("↻ DESK #{prompt} buttons changed");
    assert!(since(&w, from).contains(&gone), "{}", since(&w, from));
    let from = mark(&w);
    w.person(NURLAN).at(DESK).presses_old("Болдырмау", 0).await;
    assert!(since(&w, from).contains("(toast: Бұған жауап беріліп қойған"), "{}", since(&w, from));
    let from = mark(&w);
    w.person(DANA).at(DESK).presses_old("Болдырмау", 0).await;
    assert!(since(&w, from).contains("(window: Это спросили не у вас"), "{}", since(&w, from));
    assert_eq!(w.ticket(n).await.state, State::WaitingCustomer);
    // Neither a second question nor a command leaves the button of the first behind.
    for next in ["✅ Шешілді", "Бас тарту"] {
        w.person(NURLAN).at(DESK).presses(next).await;
    }
    let from = mark(&w);
    w.person(NURLAN).at(DESK).says("/cancel").await;
    assert!(since(&w, from).contains("buttons changed"), "{}", since(&w, from));
    let buttons = w.telegram.labels(DESK);
    assert!(!buttons.iter().any(|label| label.contains("Болдырмау")), "{buttons:?}");
}

#[tokio::test]
async fn talk_among_colleagues_stays_in_the_group() {
    let mut w = World::new().await;
    question(&mut w).await;
    w.person(NURLAN).at(DESK).presses("Сұрау").await;
    let theirs = w.person(DANA).at(DESK).says("Кто на обед?").await;
    let from = mark(&w);
    // Asked for a question, he first answers a colleague.
    let chat = json!({ "id": DESK, "type": "supergroup" });
    w.person(NURLAN)
        .at(DESK)
        .sends_raw(
            "↪ Мен барам",
            json!({ "text": "Мен барам", "reply_to_message": { "message_id": theirs, "date": 0, "chat": chat } }),
        )
        .await;
    w.person(DANA).at(DESK).says("Отлично").await;
    assert_eq!(shown_to(&w, from, "Айгерім"), "", "{}", since(&w, from));
}

#[tokio::test]
async fn the_holder_answers_in_private() {
    let mut w = World::new().await;
    let n = question(&mut w).await;
    w.person(DANA).at(DESK).presses("Алу").await;
    customer(&mut w, n, "Тағы бір сұрақ").await;
    let from = mark(&w);
    w.person(DANA).replies("Тағы бір сұрақ", "Отвечаю здесь").await;
    assert!(shown_to(&w, from, "Айгерім").contains("Отвечаю здесь"), "{}", since(&w, from));
}

#[tokio::test]
async fn edits_are_sent_on_unless_they_become_a_note() {
    let mut w = World::new().await;
    question(&mut w).await;
    let sent = w.person(NURLAN).at(DESK).replies("KM-000001", "Ертең болады").await;
    let from = mark(&w);
    for text in ["Ертең болады", "Бүгін болады", "// жазба болды"] {
        w.update(json!({ "edited_message": {
            "message_id": sent, "date": 0, "edit_date": 1, "text": text,
            "chat": { "id": DESK, "type": "supergroup" },
            "from": { "id": NURLAN, "is_bot": false, "first_name": "Нұрлан" },
            "reply_to_message": { "message_id": 1, "date": 0, "chat": { "id": DESK, "type": "supergroup" } },
        }}))
        .await;
    }
    let shown = shown_to(&w, from, "Айгерім");
    assert!(shown.contains("✎ Түзетілді: Бүгін болады") && !shown.contains("жазба"), "{shown}");
    assert_eq!(since(&w, from).matches("түзетуіңіз жіберілген жоқ").count(), 1, "{}", since(&w, from));
}

#[tokio::test]
async fn files_travel_both_ways() {
    let mut w = World::new().await;
    let photo = crate::world::photo();
    let words = Words { text: "Қате шықты".to_owned(), attachments: vec![photo] };
    open_with(&mut w, Kind::Question, Form::Plain, words).await;
    assert!(w.transcript().contains("[copy of 77 in"), "{}", w.transcript());

    let from = mark(&w);
    let chat = json!({ "id": DESK, "type": "supergroup" });
    w.person(NURLAN)
        .at(DESK)
        .sends_raw(
            "[photo]",
            json!({ "photo": [{ "file_id": "p", "file_size": 9 }], "caption": "Осылай басыңыз",
                "reply_to_message": { "message_id": w_card(), "date": 0, "chat": chat } }),
        )
        .await;
    assert!(since(&w, from).contains("Осылай басыңыз"), "{}", since(&w, from));
    let mut tx = w.db.begin().await.expect("a transaction");
    let id = w.ticket(1).await.id;
    let sent = tx.messages(id, false).await.expect("read");
    assert_eq!(sent.last().map(|m| m.attachments.len()), Some(1));
}

/// The message of the first card: with a file, the mirror goes ahead of it.
const fn w_card() -> i64 {
    2
}

#[tokio::test]
async fn an_album_is_one_question_and_then_it_is_over() {
    let mut w = World::new().await;
    let n = question(&mut w).await;
    w.person(NURLAN).at(DESK).presses("Сұрау").await;
    w.person(NURLAN).at(DESK).sends_photo("Экранда не жазылған?", Some("album")).await;
    w.person(NURLAN).at(DESK).sends_photo("", Some("album")).await;
    w.person(NURLAN).at(DESK).says("Бұл әңгіме ғана").await;
    let mut tx = w.db.begin().await.expect("a transaction");
    let sent = tx.messages(w.ticket(n).await.id, true).await.expect("read");
    let ours: Vec<_> = sent.iter().filter(|m| m.side == Side::Desk).map(|m| m.attachments.len()).collect();
    assert_eq!(ours, [1, 1]);
    assert!(sent.iter().all(|m| !m.body.contains("әңгіме")));
}

#[tokio::test]
async fn who_answers_a_customer_without_telegram_is_told() {
    let mut w = World::new().await;
    let (contact, customer) = (ContactId::from("saule"), CustomerId::from("acme"));
    let new = NewTicket {
        kind: Kind::Question,
        form: Form::Plain,
        requester: Some((contact, customer)),
        requester_name: "Сәуле".to_owned(),
        language: Lang::Kk,
        origin: Origin { channel: Channel::Phone, chat: None },
        words: Words::text("Телефонмен сұрады"),
    };
    let mut tx = w.db.begin().await.expect("a transaction");
    w.service.open(&mut tx, new, &Actor::Operator).await.expect("opened");
    tx.commit().await.expect("committed");
    w.deliver().await;
    let from = mark(&w);
    w.person(NURLAN).at(DESK).replies("KM-000001", "Жауабы осы").await;
    assert!(since(&w, from).contains("тапсырыс беруші Telegram-да жоқ"), "{}", since(&w, from));
}

#[tokio::test]
async fn one_file_carries_the_words_and_several_are_copied_once() {
    let mut w = World::new().await;
    let n = question(&mut w).await;
    let ticket = w.ticket(n).await;
    let scene = Scene { service: &w.service, settings: &w.settings, ticket: &ticket, now: w.clock.now() };
    let file = |kind: &str, source| Attachment { kind: kind.to_owned(), source, ..crate::world::photo() };
    let calls = |body: &str, attachments: Vec<Attachment>| {
        let message = Message {
            id: MessageId(w.clock.id()),
            author: Actor::Operator,
            side: Side::Customer,
            body: body.to_owned(),
            attachments,
            written_at: w.clock.now(),
        };
        thread::quoted(
            &scene,
            &message,
            "A<B",
            &thread::Spot { chat: DESK, thread: 0, reply_to: Some(1) },
            Lang::En,
        )
    };
    let one = calls("see <this>", vec![file("photo", Some((AIGERIM, 5)))]);
    assert_eq!(one.len(), 1);
    assert_eq!(one[0].method, "copyMessage");
    let caption = one[0].params["caption"].as_str().expect("a caption");
    assert!(caption.contains("A&lt;B") && caption.contains("see &lt;this&gt;"), "{caption}");
    assert_eq!(one[0].params["reply_parameters"]["message_id"], 1);

    let same = file("video", Some((AIGERIM, 6)));
    let many = calls("two of one", vec![same.clone(), same, file("sticker", None)]);
    assert_eq!(many.iter().map(|c| c.method.as_str()).collect::<Vec<_>>(), ["sendMessage", "copyMessage"]);
    assert!(many.iter().all(|c| c.ticket == Some(ticket.id) && c.remember.is_some()));

    // Too long for a caption: the words go ahead.
    let long = calls(&"ұзақ ".repeat(400), vec![file("photo", Some((AIGERIM, 7)))]);
    assert_eq!(long.len(), 2);
    assert_eq!(long[1].params["caption"], "");
}
