//! A shift's deeds in each language, as transcripts: handing work around, severity, tickets that belong together, canned replies, who is
//! on call, figures, emergency, broadcasts, storms, the hand-over.

use chrono::TimeDelta;
use crm::domain::form::Form;
use crm::domain::ids::{ContactId, CustomerId, ServiceId};
use crm::domain::kind::Kind;
use crm::domain::lang::Lang;
use crm::domain::ticket::State;
use crm::store::Message;

use crate::desk::{mark, open, press, question, since, unlock};
use crate::story::tidy;
use crate::world::{AIGERIM, DANA, DESK, MARAT, NURLAN, World, staff_name};

const LANGS: [Lang; 3] = [Lang::Kk, Lang::Ru, Lang::En];

fn fault() -> Form {
    Form::Fault { service: Some(ServiceId::from("acme-web")), since: None }
}

async fn messages(w: &World, number: i64) -> Vec<Message> {
    let id = w.ticket(number).await.id;
    w.db.begin().await.expect("a transaction").messages(id, true).await.expect("read")
}

#[tokio::test]
async fn work_is_handed_around() {
    for lang in LANGS {
        let mut w = World::desk_in(lang).await;
        let n = question(&mut w).await;
        w.person(NURLAN).speaking(lang).at(DESK).taps("desk-button-more").await;
        w.person(NURLAN).speaking(lang).at(DESK).taps("desk-button-assign").await;
        w.person(NURLAN).speaking(lang).at(DESK).presses(staff_name(DANA)).await;
        assert_eq!(w.ticket(n).await.assignee.map(|s| s.0).as_deref(), Some("dana"));
        // Марат saw the list when nobody held it: he is told who was quicker.
        let (message, data, _) = w.telegram.old_button(DESK, staff_name(MARAT), 0);
        press(&mut w, MARAT, DESK, message, &data).await;
        assert_eq!(w.ticket(n).await.assignee.map(|s| s.0).as_deref(), Some("dana"));

        w.person(DANA).speaking(lang).at(DESK).taps("desk-button-more").await;
        w.person(DANA).speaking(lang).at(DESK).taps("desk-button-note").await;
        let prompt = w.telegram.newest(DESK);
        assert!(prompt > 1);
        w.person(DANA).speaking(lang).at(DESK).replies("KM-000001", "Диск 3 істен шықты").await;
        w.person(DANA).speaking(lang).at(DESK).taps("desk-button-more").await;
        w.person(DANA).speaking(lang).at(DESK).taps("desk-button-escalate").await;
        w.person(DANA).speaking(lang).at(DESK).replies("KM-000001", "Қойма кілті менде жоқ").await;
        // Twice is once.
        w.person(NURLAN).speaking(lang).at(DESK).taps("desk-button-more").await;
        w.person(NURLAN).speaking(lang).at(DESK).taps("desk-button-escalate").await;
        w.minutes(1).await;
        w.person(NURLAN).speaking(lang).taps("desk-button-acknowledge").await;
        w.person(DANA).speaking(lang).says("/find 1").await;
        w.person(DANA).speaking(lang).taps("desk-button-more").await;
        w.person(DANA).speaking(lang).taps("desk-button-history").await;
        assert_eq!(messages(&w, n).await.len(), 3, "{}", w.transcript());
        insta::assert_snapshot!(format!("work_{lang}"), tidy(w.transcript()));
    }
}

#[tokio::test]
async fn a_fault_turns_out_worse_and_then_better() {
    for lang in LANGS {
        let mut w = World::desk_in(lang).await;
        let n = open(&mut w, Kind::FaultMinor, fault(), "Сайт баяу ашылады").await;
        w.minutes(4).await;
        w.person(NURLAN).speaking(lang).at(DESK).taps("desk-button-more").await;
        w.person(NURLAN).speaking(lang).at(DESK).taps("desk-button-more-severe").await;
        w.person(NURLAN).speaking(lang).at(DESK).replies("KM-000001", "Бәрі тоқтап тұр екен").await;
        let ticket = w.ticket(n).await;
        assert_eq!(ticket.kind, Kind::FaultCritical);
        // From the change on: four minutes are gone, sixty are left.
        assert_eq!(ticket.resolution.budget_ms, 64 * 60_000);
        w.minutes(30).await;
        w.person(NURLAN).speaking(lang).at(DESK).taps("desk-button-more").await;
        w.person(NURLAN).speaking(lang).at(DESK).taps("desk-button-less-severe").await;
        w.person(NURLAN).speaking(lang).at(DESK).replies("KM-000001", "Бір бет қана").await;
        let ticket = w.ticket(n).await;
        assert_eq!((ticket.kind, ticket.resolution.budget_ms), (Kind::FaultMinor, 4 * 3_600_000));
        assert!(ticket.resolution.marks_fired.is_empty(), "{:?}", ticket.resolution);
        insta::assert_snapshot!(format!("severity_{lang}"), tidy(w.transcript()));
    }
}

#[tokio::test]
async fn tickets_that_belong_together() {
    for lang in LANGS {
        let mut w = World::desk_in(lang).await;
        question(&mut w).await;
        question(&mut w).await;
        w.person(NURLAN).speaking(lang).at(DESK).taps("desk-button-more").await;
        w.person(NURLAN).speaking(lang).at(DESK).taps("desk-button-attach").await;
        w.person(NURLAN).speaking(lang).at(DESK).replies("KM-000002", "km 1").await;
        w.person(NURLAN).speaking(lang).at(DESK).presses("KM-000001").await;
        assert_eq!(w.ticket(2).await.state, State::Merged, "{}", w.transcript());
        assert_eq!(w.ticket(1).await.joined.len(), 1);
        // Boris's is another customer's: never a duplicate, maybe the same incident.
        let boris = (ContactId::from("boris"), CustomerId::from("birlik"));
        let three = crate::desk::open_as(&mut w, boris, Kind::FaultMinor, "Сеть пропадает").await;
        w.person(DANA).speaking(lang).at(DESK).taps("desk-button-more").await;
        w.person(DANA).speaking(lang).at(DESK).taps("desk-button-attach").await;
        w.person(DANA).speaking(lang).at(DESK).presses("KM-000001 ·").await;
        w.person(DANA).speaking(lang).at(DESK).presses("KM-000001").await;
        assert_eq!(w.ticket(three).await.attached_to, None);
        let (message, data, _) = w.telegram.old_button(DESK, "KM-000001", 0);
        assert!(message > 0 && !data.is_empty());
        crate::desk::press(&mut w, DANA, DESK, message, &format!("d:l:{three}:1:incident")).await;
        assert_eq!(w.ticket(three).await.attached_to.map(|a| a.number.0), Some(1), "{}", w.transcript());
        assert!(w.ticket(three).await.state.is_active());
        insta::assert_snapshot!(format!("together_{lang}"), tidy(w.transcript()));
    }
}

#[tokio::test]
async fn canned_replies() {
    for lang in LANGS {
        let mut w = World::desk_in(lang).await;
        let n = question(&mut w).await;
        w.person(NURLAN).speaking(lang).says("/r").await;
        w.person(NURLAN).speaking(lang).says("/r set Диск kk\nСәлеметсіз бе, {nmae}!").await;
        w.person(NURLAN)
            .speaking(lang)
            .says("/r set Диск kk\nСәлеметсіз бе, {name}! {number} {due} дейін шешіледі. {engineer}")
            .await;
        w.person(NURLAN).speaking(lang).says("/r set vm ru\nМашина {service} работает.").await;
        w.person(NURLAN).speaking(lang).says("/r").await;
        w.person(DANA).speaking(lang).at(DESK).replies("KM-000001", "/r диск").await;
        w.person(DANA).speaking(lang).at(DESK).presses("диск").await;
        w.person(DANA).speaking(lang).at(DESK).taps("desk-button-send").await;
        let (message, data, _) = w.telegram.old_button(DESK, "📨", 0);
        press(&mut w, DANA, DESK, message, &data).await;
        let sent = messages(&w, n).await;
        assert_eq!(sent.len(), 2, "once: {}", w.transcript());
        assert!(
            sent[1].body.contains("Айгерім! KM-000001") && sent[1].body.ends_with("Дана"),
            "{}",
            sent[1].body
        );
        // One that needs a machine, for a question that has none, in another language.
        w.person(DANA).speaking(lang).at(DESK).replies("KM-000001", "/r машина").await;
        w.person(DANA).speaking(lang).at(DESK).presses("vm").await;
        w.person(NURLAN).speaking(lang).says("/r del диск").await;
        insta::assert_snapshot!(format!("canned_{lang}"), tidy(w.transcript()));
    }
}

#[tokio::test]
async fn who_is_on_call_is_arranged_among_the_shift() {
    for lang in LANGS {
        let mut w = World::desk_in(lang).await;
        w.person(DANA).speaking(lang).says("/oncall").await;
        w.person(DANA).speaking(lang).presses("🙋").await;
        open(&mut w, Kind::FaultCritical, fault(), "Бәрі тоқтады").await;
        let from = mark(&w);
        w.minutes(1).await;
        assert!(
            since(&w, from).contains("→ Дана #") && !since(&w, from).contains("→ Нұрлан #"),
            "{}",
            since(&w, from)
        );
        w.person(DANA).speaking(lang).taps("desk-button-acknowledge").await;
        w.person(DANA).speaking(lang).says("/oncall").await;
        w.person(DANA).speaking(lang).presses("✖️").await;
        w.person(NURLAN).speaking(lang).says("/oncall").await;
        w.person(NURLAN).speaking(lang).presses("🔁").await;
        w.person(NURLAN).speaking(lang).presses(staff_name(DANA)).await;
        w.person(DANA).speaking(lang).taps("desk-button-agree").await;
        w.person(MARAT).speaking(lang).says("/oncall").await;
        w.person(MARAT).speaking(lang).presses("👤").await;
        w.person(MARAT).speaking(lang).presses(staff_name(MARAT)).await;
        // Nobody ends what is not his.
        let (message, data, _) = w.telegram.old_button(MARAT, "✖️", 0);
        assert!(message > 0);
        insta::assert_snapshot!(format!("oncall_{lang}"), tidy(w.transcript()));
        let from = mark(&w);
        w.person(AIGERIM).forges(&data).await;
        assert!(since(&w, from).contains("(window: "), "{}", since(&w, from));
    }
}

#[tokio::test]
async fn figures_search_and_emergency() {
    for lang in LANGS {
        let mut w = World::desk_in(lang).await;
        w.telegram.only = Some(MARAT);
        w.person(MARAT).speaking(lang).says("/sla").await;
        w.person(MARAT).speaking(lang).says("/breaches").await;
        question(&mut w).await;
        w.minutes(11).await;
        question(&mut w).await;
        w.person(NURLAN).at(DESK).replies("KM-000002", "Қазір.").await;
        w.person(MARAT).speaking(lang).says("/sla").await;
        w.person(MARAT).speaking(lang).says("/breaches").await;
        w.person(MARAT).speaking(lang).says("/find көшірме").await;
        w.person(MARAT).speaking(lang).says("/find ACME").await;
        w.person(MARAT).speaking(lang).says("/find жоқ сөз").await;
        w.person(MARAT).speaking(lang).says("/find").await;
        w.person(MARAT).speaking(lang).says("/emergency").await;
        w.person(MARAT).speaking(lang).says("/emergency on").await;
        w.person(MARAT).speaking(lang).says("/emergency on ala-1 аймағында жарық жоқ").await;
        let three = question(&mut w).await;
        assert!(w.ticket(three).await.emergency);
        w.telegram.only = Some(NURLAN);
        w.person(NURLAN).speaking(lang).says("/emergency off").await;
        w.telegram.only = Some(MARAT);
        w.person(MARAT).speaking(lang).says("/emergency off").await;
        let four = question(&mut w).await;
        assert!(!w.ticket(four).await.emergency);
        insta::assert_snapshot!(format!("figures_{lang}"), tidy(w.transcript()));
    }
}

#[tokio::test]
async fn a_storm_wakes_once_and_is_acknowledged_at_once() {
    for lang in LANGS {
        let mut w = World::desk_in(lang).await;
        w.telegram.only = Some(NURLAN);
        for _ in 0..30 {
            open(&mut w, Kind::FaultCritical, fault(), "Бәрі тоқтады").await;
            w.clock.advance(TimeDelta::seconds(1));
        }
        w.minutes(1).await;
        let pages = w.transcript().matches("→ Нұрлан #").count();
        assert_eq!(pages, 4, "three by themselves and one for the other twenty-seven: {}", w.transcript());
        w.person(NURLAN).speaking(lang).presses("📟").await;
        let w2 = &w;
        for n in 1..=30 {
            let paging = w2.ticket(n).await.paging.expect("paged");
            assert_eq!(paging.acknowledged_by.map(|s| s.0).as_deref(), Some("nurlan"), "{n}");
        }
        w.telegram.only = None;
        let from = mark(&w);
        w.minutes(20).await;
        assert!(!since(&w, from).contains("→ Дана #"), "nobody is paged after an acknowledge");
        w.telegram.log.truncate(from);
        insta::assert_snapshot!(format!("storm_{lang}"), tidy(w.transcript()));
    }
}

#[tokio::test]
async fn who_comes_on_shift_hears_how_things_stand() {
    for lang in LANGS {
        let mut w = World::desk_in(lang).await;
        w.telegram.only = Some(DANA);
        // 10:00; the shift ends at 21:00.
        w.clock.advance(TimeDelta::minutes(10 * 60 + 50));
        question(&mut w).await;
        open(&mut w, Kind::FaultMinor, fault(), "Баяу").await;
        w.person(NURLAN).at(DESK).replies("KM-000002", "Қараймын.").await;
        w.minutes(11).await;
        let summary = w.transcript().matches("→ Дана #").count();
        assert!(summary >= 1, "{}", w.transcript());
        insta::assert_snapshot!(format!("handover_{lang}"), tidy(w.transcript()));
    }
}

#[tokio::test]
async fn a_broadcast_reaches_each_in_his_language_once() {
    for lang in LANGS {
        let mut w = World::desk_in(lang).await;
        w.person(NURLAN).speaking(lang).says("/broadcast").await;
        w.person(MARAT).speaking(lang).says("/broadcast").await;
        w.person(MARAT).speaking(lang).taps("desk-button-broadcast-planned_works").await;
        w.person(MARAT).speaking(lang).presses("ala-1").await;
        w.person(MARAT).speaking(lang).says("Түнгі 2-ден 3-ке дейін <желі> тоқтайды.").await;
        w.person(MARAT).speaking(lang).says("С 2 до 3 ночи сети не будет.").await;
        w.person(MARAT).speaking(lang).says("No network from 2 to 3 at night.").await;
        w.person(MARAT).speaking(lang).presses("📨").await;
        let (message, data, _) = w.telegram.old_button(MARAT, "📨", 0);
        press(&mut w, MARAT, MARAT, message, &data).await;
        assert_eq!(
            w.transcript().matches("С 2 до 3 ночи").count(),
            3,
            "written, shown, told once: {}",
            w.transcript()
        );
        w.person(MARAT).speaking(lang).says("/broadcast").await;
        w.person(NURLAN).forges(&data).await;
        insta::assert_snapshot!(format!("broadcast_{lang}"), tidy(w.transcript()));
    }
}

#[tokio::test]
async fn an_approval_that_endangers_the_promise_wakes_whoever_can_give_it() {
    let mut w = World::new().await;
    let n = unlock(&mut w).await;
    w.person(NURLAN).at(DESK).presses("Алу").await;
    w.person(NURLAN).at(DESK).presses("Мақұлдау").await;
    let from = mark(&w);
    w.minutes(8).await;
    assert!(since(&w, from).contains("→ Дана #"), "the other one is woken: {}", since(&w, from));
    assert!(since(&w, from).contains("согласования"), "{}", since(&w, from));
    let from = mark(&w);
    w.person(DANA).at(DESK).presses("Мақұлдау").await;
    assert_eq!(w.ticket(n).await.state, State::Executing);
    w.minutes(1).await;
    assert!(!since(&w, from).contains("→ Марат #"), "approved: nobody else is woken: {}", since(&w, from));
}

#[tokio::test]
async fn who_only_reads_reaches_nothing_behind_the_rarer_buttons() {
    let mut w = World::new().await;
    let n = question(&mut w).await;
    let taps =
        ["g:1", "x:1", "v:1", "l:1", "i:1", "l:1:1:duplicate", "k", "z:t:support", "u:y", "u:b:outage"];
    for tap in taps {
        let from = mark(&w);
        w.person(AIGERIM).forges(&format!("d:{tap}")).await;
        assert!(since(&w, from).contains("(window: "), "{tap}: {}", since(&w, from));
        assert!(!since(&w, from).contains('→'), "{tap}: {}", since(&w, from));
    }
    assert_eq!(w.ticket(n).await.seq, 1);
}
