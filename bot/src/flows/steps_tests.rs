//! Whatever a person presses and types, in whatever order: no conversation breaks, what is asked for is his, and his words stay.

use chrono::TimeDelta;
use crm::domain::action::LinkPlace;
use crm::domain::form::{Form, QuotaResource, RebootMode};
use crm::domain::ids::{CustomerId, NetworkId, ServiceId, TicketNumber, ZoneId};
use crm::domain::kind::Terms;
use crm::domain::lang::Lang;
use crm::store::Rented;
use proptest::prelude::*;

use super::State;
use super::tap::{Choice, Topic};
use super::wizard::{Draft, Facts, Input, KnownNetwork, Promises, Run, Step};

fn vm(id: &str, locked: bool) -> Rented {
    Rented {
        id: ServiceId::from(id),
        customer: CustomerId::from("acme"),
        terms: Terms::Vm,
        domain: Some((ZoneId::from("ala-1"), id.to_owned())),
        state: None,
        lock_reason: locked.then(|| "abuse".to_owned()),
        lock_ticket: None,
    }
}

fn networks() -> Vec<KnownNetwork> {
    let zone = |zone: &str| LinkPlace::Zone { zone: ZoneId::from(zone), name: "net".to_owned() };
    let pods = |name: &str| LinkPlace::Cluster { cluster: "ala-k8s".into(), namespace: name.to_owned() };
    let all = [
        ("web-1", zone("ala-1")),
        ("db-1", zone("ala-1")),
        ("web-2", zone("ala-2")),
        ("pods-1", pods("acme")),
        ("pods-2", pods("acme-test")),
    ];
    all.map(|(id, place)| KnownNetwork { id: NetworkId::from(id), place, cidr: "10.0.0.0/24".to_owned() })
        .to_vec()
}

fn facts(machines: usize) -> Facts {
    let all = [vm("acme-web", false), vm("acme-db", true), vm("acme-mail", false)];
    Facts {
        lang: Lang::Kk,
        now: "2026-11-23T10:00:00+05:00".parse().expect("a moment"),
        services: all.into_iter().take(machines).collect(),
        tickets: Vec::new(),
        cabinet: Some("acme-admin".to_owned()),
        mail: (machines > 1).then(|| "a•••@acme.example".to_owned()),
        quotas: vec![crm::store::QuotaFact { service: None, resource: QuotaResource::Cores, value: 8 }],
        networks: networks(),
        trials_had: vec![Terms::Vm],
        bound: true,
        phone: String::new(),
        promises: Promises { first_reply: TimeDelta::minutes(10), ..Promises::default() },
    }
}

fn choice() -> impl Strategy<Value = Choice> {
    prop_oneof![
        proptest::sample::select(vec!["acme-web", "acme-db", "birlik-web"])
            .prop_map(|id| Choice::Service(ServiceId::from(id))),
        proptest::sample::select(RebootMode::ALL).prop_map(Choice::Mode),
        any::<bool>().prop_map(Choice::Critical),
        (0u32..120).prop_map(Choice::Ago),
        proptest::sample::select(Topic::ALL).prop_map(Choice::Topic),
        proptest::sample::select(vec![Choice::Other, Choice::Code, Choice::Yes, Choice::Back]),
        proptest::sample::select(QuotaResource::ALL).prop_map(Choice::Resource),
        (0i64..40).prop_map(Choice::Amount),
        proptest::sample::select(Terms::ALL).prop_map(Choice::Terms),
        Just(Choice::Cabinet),
        proptest::sample::select(vec!["web-1", "db-1", "web-2", "pods-1", "pods-2", "birlik-1"])
            .prop_map(|id| Choice::Network(NetworkId::from(id))),
        Just(Choice::Ticket(TicketNumber(7))),
    ]
}

fn input() -> impl Strategy<Value = Input> {
    let typed = proptest::sample::select(vec![
        "1",
        "acme-web",
        "birlik-web",
        "иә",
        "жоқ",
        "жұмсақ",
        "09:40",
        "сайт ашылмайды",
        "16 ядро",
        "012 345",
        "-3",
        "NaN",
        "1e18",
        "1000000000000000000",
        "+7 701 000 00 01",
    ]);
    prop_oneof![
        3 => choice().prop_map(Input::Chosen),
        1 => typed.prop_map(|t| Input::Wrote(Draft { text: t.to_owned(), files: Vec::new(), messages: vec![1] })),
    ]
}

proptest! {
    #[test]
    fn nothing_breaks_and_nothing_foreign_is_asked_for(
        topic in proptest::sample::select(Topic::ALL),
        machines in 0usize..4,
        inputs in prop::collection::vec(input(), 1..12),
    ) {
        let facts = facts(machines);
        let mut state = State::begin(topic, &facts);
        for input in inputs {
            let page = state.page(&facts);
            prop_assert!(!page.html.trim().is_empty());
            // What waits between two updates survives the store.
            let stored = serde_json::to_value(&state).expect("writes");
            prop_assert_eq!(&serde_json::from_value::<State>(stored).expect("reads"), &state);
            let kept = state.draft().map(|d| d.text.clone()).unwrap_or_default();
            let no = matches!(&input, Input::Wrote(draft) if draft.text == "жоқ");
            let back = no || input == Input::Chosen(Choice::Back);
            match state.step(input, &facts) {
                Step::Ask(next) | Step::Note(next, _) | Step::Stale(next) => {
                    let now = next.draft().map(|d| d.text.clone()).unwrap_or_default();
                    prop_assert!(back || now.starts_with(&kept), "«{kept}» became «{now}»");
                    state = next;
                }
                Step::Run(Run::Open { form, draft, .. }) => {
                    prop_assert!(form.service().is_none_or(|id| facts.service(id).is_some()));
                    if let Form::ZoneLink { from, to, .. } = &form {
                        let place = |id: &NetworkId| facts.networks.iter().find(|n| n.id == *id).map(|n| &n.place);
                        prop_assert!(place(from).zip(place(to)).is_some_and(|(from, to)| from.links_with(to)));
                    }
                    if let Form::QuotaIncrease { current, wanted, resource, .. } = form {
                        prop_assert!(wanted > current.unwrap_or(0) && wanted <= resource.most(), "{wanted}");
                    }
                    prop_assert!(draft.text.starts_with(&kept));
                    return Ok(());
                }
                // What the talk makes of these two: another code is waited for.
                Step::Run(Run::SendCode(password) | Run::CheckCode(password, _)) => {
                    prop_assert!(facts.mail.is_some() && password.draft().text.starts_with(&kept));
                    state = password.waiting_for(Some(uuid::Uuid::nil())).into();
                }
                Step::Run(_) => return Err(TestCaseError::fail("a ticket that is not there was written to")),
                Step::Leave => return Ok(()),
            }
        }
    }
}
