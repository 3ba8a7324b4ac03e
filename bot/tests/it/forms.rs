//! The kinds of request that are filled in: quota, password, order, trial, a new Cabinet, claims; and what is refused on the way.

use crm::clock::Clock;
use crm::directory::{Network, Zone};
use crm::domain::action::LinkPlace;
use crm::domain::decide::Command;
use crm::domain::form::{Form, QuotaResource};
use crm::domain::ids::{CustomerId, NetworkId, ZoneId};
use crm::domain::kind::{Kind, Queue, Terms};
use crm::domain::lang::Lang;
use crm::domain::ticket::State;
use rstest::rstest;
use serde_json::json;

use crate::story::{Story, tidy};
use crate::world::{DANA, NURLAN, STRANGER, World};

/// From the menu to «Cabinet», which is the only account of all but Acme.
async fn begins(s: &mut Story, key: &str) {
    s.me().says("/menu").await;
    s.me().taps(key).await;
    if s.lang == Lang::Kk {
        s.me().taps("button-cabinet").await;
    }
}

#[rstest]
#[tokio::test]
async fn quota_typed(#[values(Lang::Kk, Lang::Ru, Lang::En)] lang: Lang) {
    let mut s = Story::new(lang).await;
    begins(&mut s, "menu-quota").await;
    s.me().taps("resource-cores").await;
    for wrong in [
        "-5",
        "1000000000000000000",
        "0",
        "+8",
        "NaN",
        "1e18",
        s.words(["көбірек", "побольше", "a lot more"]),
    ] {
        s.me().says(wrong).await;
    }
    let number = s.words(["он алты", "16 ядер", "Sixteen cores"]);
    s.me().says(number).await;
    let why = s.words(["Жаңа сайт ашамыз", "Запускаем новый сайт", "We launch a new site"]);
    s.me().says(why).await;
    s.me().taps("button-back").await;
    s.me().presses("24").await;
    s.me().taps("button-send").await;
    let ticket = s.w.ticket(1).await;
    let form = Form::QuotaIncrease {
        terms: Terms::Vm,
        service: None,
        resource: QuotaResource::Cores,
        current: None,
        wanted: 24,
    };
    assert_eq!((ticket.kind, ticket.form), (Kind::QuotaIncrease, form));
    let left = ticket.resolution.due_at - ticket.opened_at;
    assert_eq!(left.num_minutes(), 20, "T1");
    s.tells("quota_typed");
}

#[rstest]
#[tokio::test]
async fn quota_known(#[values(Lang::Kk, Lang::Ru, Lang::En)] lang: Lang) {
    let mut s = Story::new(lang).await;
    let mut tx = s.w.db.begin().await.unwrap();
    let now = s.w.clock.now();
    for customer in tx.customer_list().await.unwrap() {
        tx.quota_fact_save(&customer.id, None, QuotaResource::Ram, Some(32 * 1024), now).await.unwrap();
    }
    tx.commit().await.unwrap();
    begins(&mut s, "menu-quota").await;
    s.me().taps("resource-ram").await;
    // What he has already is no increase; what he adds is added to what he has.
    s.me().says("32").await;
    s.me().says("+16").await;
    s.me().taps("button-no-reason").await;
    s.me().taps("button-send").await;
    let Form::QuotaIncrease { current, wanted, .. } = s.w.ticket(1).await.form else { panic!("a quota") };
    assert_eq!((current, wanted), (Some(32 * 1024), 48 * 1024));
    s.tells("quota_known");
}

#[rstest]
#[tokio::test]
async fn quota_pressed(#[values(Lang::Kk, Lang::Ru, Lang::En)] lang: Lang) {
    let mut s = Story::new(lang).await;
    begins(&mut s, "menu-quota").await;
    let memory = s.words(["жад", "память", "memory"]);
    s.me().says(memory).await;
    s.me().presses("32").await;
    s.me().taps("button-no-reason").await;
    s.me().taps("button-send").await;
    s.me().taps("button-open").await;
    let Form::QuotaIncrease { wanted, .. } = s.w.ticket(1).await.form else { panic!("a quota") };
    assert_eq!(wanted, 32 * 1024, "MiB");
    s.tells("quota_pressed");
}

#[rstest]
#[tokio::test]
async fn password(#[values(Lang::Kk, Lang::Ru, Lang::En)] lang: Lang) {
    let mut s = Story::new(lang).await;
    begins(&mut s, "menu-password").await;
    let words = s.words(["Телефонымды жоғалттым", "Потерял телефон", "I lost my phone"]);
    s.me().says(words).await;
    let yes = s.words(["иә", "да", "yes"]);
    s.me().says(yes).await;
    let ticket = s.w.ticket(1).await;
    assert_eq!(
        (ticket.kind, ticket.form),
        (Kind::PasswordRecovery, Form::PasswordRecovery { service: None })
    );
    s.tells("password");
}

#[rstest]
#[tokio::test]
async fn order(#[values(Lang::Kk, Lang::Ru, Lang::En)] lang: Lang) {
    let mut s = Story::new(lang).await;
    s.me().says("/menu").await;
    s.me().taps("button-more").await;
    s.me().taps("menu-order").await;
    let wish = s.words(["Тағы екі машина керек", "Нужны ещё две машины", "We need two more machines"]);
    s.me().says(wish).await;
    s.me().taps("terms-vm").await;
    s.me().taps("button-send").await;
    let ticket = s.w.ticket(1).await;
    assert_eq!((ticket.kind, ticket.queue), (Kind::Order, Queue::Sales));
    let answer = s.words(["Шарттарды жібердік.", "Условия отправили.", "We have sent the terms."]);
    s.w.staff_writes(DANA, 1, answer, |m| Command::Solve(Some(m))).await;
    s.tells("order");
}

/// S2: once, and only to who is new to the service. Each customer rents machines; only Acme rents a place in a cluster.
#[rstest]
#[tokio::test]
async fn trial(#[values(Lang::Kk, Lang::Ru, Lang::En)] lang: Lang) {
    let mut s = Story::new(lang).await;
    for round in 0..3 {
        s.me().says("/menu").await;
        s.me().taps("button-more").await;
        s.me().taps("menu-trial").await;
        if round == 0 {
            s.me().taps("terms-vm").await;
        }
        s.me().taps("terms-kubernetes").await;
        if lang == Lang::Kk {
            // Rents it already.
            assert_eq!(s.w.tickets().await, 0);
            break;
        }
        if round < 2 {
            let wish = s.words(["", "Хотим попробовать кластер", "We would like to try a cluster"]);
            s.me().says(wish).await;
            s.me().taps("button-send").await;
        }
        if round == 1 {
            // Asked for twice: the same one. Then it was had.
            s.w.staff(DANA, 1, Command::Solve(None)).await;
        }
    }
    if lang != Lang::Kk {
        let ticket = s.w.ticket(1).await;
        assert_eq!((s.w.tickets().await, ticket.form), (1, Form::Order { terms: Terms::Kubernetes }));
        assert!(ticket.policy.starts_with("kubernetes@"), "{}", ticket.policy);
    }
    s.tells("trial");
}

#[rstest]
#[tokio::test]
async fn a_new_cabinet_for_a_stranger(#[values(Lang::Kk, Lang::Ru, Lang::En)] lang: Lang) {
    let mut w = World::new().await;
    w.telegram.only = Some(STRANGER);
    let name = match lang {
        Lang::Kk => "«Жаңа <b>дәуір</b>» ЖШС",
        Lang::Ru => "ТОО «Новый <b>век</b>»",
        Lang::En => "New <b>Age</b> LLP",
    };
    w.person(STRANGER).speaking(lang).says("/start").await;
    w.person(STRANGER).speaking(lang).taps("menu-cabinet").await;
    w.person(STRANGER).speaking(lang).says("🙂").await;
    w.person(STRANGER).speaking(lang).says(name).await;
    w.person(STRANGER).speaking(lang).says("12345").await;
    if lang == Lang::En {
        let contact = json!({ "contact": { "phone_number": "12025550123", "user_id": STRANGER } });
        w.person(STRANGER).speaking(lang).sends_raw("[contact]", contact).await;
    } else {
        w.person(STRANGER).speaking(lang).says("8 (701) 123-45-67").await;
    }
    w.person(STRANGER).speaking(lang).taps("button-nothing").await;
    w.person(STRANGER).speaking(lang).taps("button-send").await;
    let ticket = w.ticket(1).await;
    let Form::NewCabinet { company, phone } = &ticket.form else { panic!("a Cabinet") };
    let expected = if lang == Lang::En { "+12025550123" } else { "+77011234567" };
    assert_eq!((company.as_str(), phone.as_str(), ticket.customer), (name, expected, None));
    insta::assert_snapshot!(format!("new_cabinet_{lang}"), tidy(w.transcript()));
}

/// Where the directory does not know the networks, they are told in words; T4 runs all the same.
#[rstest]
#[tokio::test]
async fn link_in_words(#[values(Lang::Kk, Lang::Ru, Lang::En)] lang: Lang) {
    let mut s = Story::new(lang).await;
    s.me().says("/menu").await;
    s.me().taps("button-more").await;
    s.me().taps("menu-link").await;
    let words = s.words([
        "ala-1 аймағындағы 10.1.0.0/24 пен ala-2 аймағындағы 10.2.0.0/24, резервтік көшірме үшін",
        "10.1.0.0/24 в ala-1 и 10.2.0.0/24 в ala-2, для резервных копий",
        "10.1.0.0/24 in ala-1 and 10.2.0.0/24 in ala-2, for backups",
    ]);
    s.me().says(words).await;
    s.me().taps("button-back").await;
    s.me().says(words).await;
    s.me().taps("button-send").await;
    let ticket = s.w.ticket(1).await;
    let left = ticket.resolution.due_at - ticket.opened_at;
    assert_eq!((ticket.kind, ticket.queue, left.num_minutes()), (Kind::ZoneLink, Queue::Network, 30), "T4");
    s.tells("link_in_words");
}

/// Networks that the directory knows are offered; for the other end those of other zones. What can't be planned goes to a human.
#[rstest]
#[tokio::test]
async fn link_by_buttons(#[values(Lang::Kk, Lang::Ru, Lang::En)] lang: Lang) {
    let mut s = Story::new(lang).await;
    let customer = CustomerId::from(["acme", "birlik", "nomad"][lang as usize]);
    s.w.directory(|d| {
        d.zones.push(Zone { id: ZoneId::from("ala-2"), ..d.zones[0].clone() });
        let network = |id: &str, zone: &str, cidr: &str| Network {
            id: NetworkId::from(id),
            customer: customer.clone(),
            place: LinkPlace::Zone { zone: ZoneId::from(zone), name: id.to_owned() },
            cidr: cidr.to_owned(),
        };
        d.networks = vec![
            network("web", "ala-1", "10.1.0.0/24"),
            network("db", "ala-1", "10.1.1.0/24"),
            network("spare", "ala-2", "10.2.0.0/24"),
        ];
    })
    .await;
    s.me().says("/menu").await;
    s.me().taps("button-more").await;
    s.me().taps("menu-link").await;
    s.me().presses("10.1.1.0/24").await;
    s.me().taps("button-back").await;
    s.me().says("web").await;
    s.me().presses("10.2.0.0/24").await;
    let why = s.words(["Резервтік көшірме үшін", "Для резервных копий", "For backups"]);
    s.me().says(why).await;
    s.w.plan_fails = Some("unreachable");
    s.me().taps("button-send").await;
    let ticket = s.w.ticket(1).await;
    let Form::ZoneLink { from, to, .. } = &ticket.form else { panic!("a link") };
    assert_eq!((from.as_str(), to.as_str()), ("web", "spare"));
    assert_eq!(ticket.state, State::New, "a person takes it");
    s.tells("link_by_buttons");
}

/// A namespace is linked with another one, never with a network of machines; and a link can go again.
#[rstest]
#[tokio::test]
async fn link_of_namespaces(#[values(Lang::Kk, Lang::Ru, Lang::En)] lang: Lang) {
    let mut s = Story::new(lang).await;
    let customer = CustomerId::from(["acme", "birlik", "nomad"][lang as usize]);
    s.w.directory(|d| {
        let network = |id: &str, place: LinkPlace| Network {
            id: NetworkId::from(id),
            customer: customer.clone(),
            place,
            cidr: "10.244.0.0/16".to_owned(),
        };
        let cluster = d.clusters[0].id.clone();
        let pods = |name: &str| LinkPlace::Cluster { cluster: cluster.clone(), namespace: name.to_owned() };
        let zone = d.zones[0].id.clone();
        d.networks = vec![
            network("pods-shop", pods("shop")),
            network("pods-test", pods("test")),
            network("web", LinkPlace::Zone { zone, name: "web".to_owned() }),
        ];
    })
    .await;
    for (number, remove) in [(1, false), (2, true)] {
        s.me().says("/menu").await;
        s.me().taps("button-more").await;
        s.me().taps("menu-link").await;
        s.me().taps("button-unlink").await;
        if !remove {
            s.me().taps("button-link-instead").await;
        }
        s.me().presses("shop").await;
        s.me().says("pods-test").await;
        let why = s.words(["Сынақ бітті", "Для тестов", "For tests"]);
        s.me().says(why).await;
        s.me().taps("button-send").await;
        let form = Form::ZoneLink { from: "pods-shop".into(), to: "pods-test".into(), remove };
        assert_eq!(s.w.ticket(number).await.form, form);
        s.w.staff_approves(NURLAN, number).await;
        s.w.provisioner_proves(number, "done").await;
    }
    s.tells("link_of_namespaces");
}

#[rstest]
#[tokio::test]
async fn claims(#[values(Lang::Kk, Lang::Ru, Lang::En)] lang: Lang) {
    let mut s = Story::new(lang).await;
    s.me().says("/menu").await;
    s.me().taps("button-more").await;
    s.me().taps("menu-credit").await;
    s.presses_vm("web").await;
    s.me().says("24.11.2026 10:00").await;
    s.me().says("22.11 18:00").await;
    let what = s.words([
        "Сайт екі сағат ашылмады",
        "Сайт не открывался два часа",
        "The site was down for two hours",
    ]);
    s.me().says(what).await;
    s.me().taps("button-send").await;
    s.me().says("/menu").await;
    s.me().taps("button-more").await;
    s.me().taps("menu-loss").await;
    s.me().taps("button-other").await;
    s.me().taps("since-unknown").await;
    let what = s.words(["Дерекқор бос", "База пустая", "The database is empty"]);
    s.me().sends_photo(what, None).await;
    s.me().taps("button-back").await;
    s.me().says("09:40").await;
    s.me().taps("button-send").await;
    let kinds = (s.w.ticket(1).await.kind, s.w.ticket(2).await.kind);
    assert_eq!(kinds, (Kind::CreditClaim, Kind::DataLossClaim));
    assert_eq!(s.w.ticket(2).await.queue, Queue::Billing);
    s.w.staff_writes(NURLAN, 2, "…", Command::Decline).await;
    s.tells("claims");
}
