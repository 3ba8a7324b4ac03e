//! `/tickets/{number}`: the conversation, what may be done now, the promises and where the minutes went.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::Deserialize;

use super::Web;
use super::approvals::Plan;
use super::error::Problem;
use super::guard::Me;
use super::history::{Entry, Talk, entries, talk};
use super::page::{Page, html};
use super::standing::Standing;
use super::timeline::{Deadline, Stretch, deadlines, stretches};
use super::words;
use crate::canned::Filler;
use crate::directory::{Contact, Place};
use crate::domain::audit::verify;
use crate::domain::form::Form;
use crate::domain::ids::TicketNumber;
use crate::domain::kind::Queue;
use crate::domain::lang::Lang;
use crate::domain::person::Right;
use crate::domain::ticket::{State as TicketState, Ticket};
use crate::plan_text;
use crate::store::{Canned, QueueFilter, Tx};

/// What the address may say beside the number.
#[derive(Debug, Default, Deserialize)]
pub struct Address {
    /// What was just done.
    #[serde(default)]
    done: String,
    /// The name of the canned reply to begin with.
    #[serde(default)]
    canned: String,
}

/// Everything around a ticket that its page shows.
pub(super) struct Card {
    pub customer: Option<String>,
    pub customer_id: Option<String>,
    pub contact: Option<Contact>,
    pub bound: bool,
    pub service: Option<String>,
    pub place: Option<String>,
    pub vm_state: Option<String>,
    pub lock: Option<String>,
    /// The number of the incident it belongs to.
    pub incident: Option<String>,
    /// Other tickets about the same customer, newest first: number, kind, state.
    pub others: Vec<(String, String, String)>,
}

/// What may be pressed now.
#[expect(clippy::struct_excessive_bools, reason = "each is one button")]
struct Can {
    take: bool,
    answer: bool,
    ask: bool,
    solve: bool,
    hand_over: bool,
    acknowledge: bool,
}

#[derive(Template)]
#[template(path = "ticket.html")]
struct TicketPage {
    p: Page,
    number: String,
    kind: String,
    mark: &'static str,
    state: String,
    queue: String,
    holder: Option<String>,
    cycle: u32,
    requester: String,
    language: String,
    channel: String,
    facts: Vec<(String, String)>,
    promises: [Standing; 2],
    deadlines: Vec<Deadline>,
    stretches: Vec<Stretch>,
    card: Card,
    plan: Option<Plan>,
    talk: Vec<Talk>,
    entries: Vec<Entry>,
    chain: bool,
    head: String,
    writing: Vec<String>,
    can: Can,
    queues: Vec<(&'static str, String)>,
    canned: Vec<(String, String)>,
    draft: String,
    live: String,
}

#[derive(Template)]
#[template(path = "ticket_live.html")]
struct TicketLive<'a> {
    p: &'a Page,
    state: &'a str,
    mark: &'a str,
    queue: &'a str,
    holder: &'a Option<String>,
    promises: &'a [Standing; 2],
    talk: &'a [Talk],
    writing: &'a [String],
    plan: &'a Option<Plan>,
}

/// Names of staff by id, also of those who have left.
pub(super) async fn staff_names(tx: &mut Tx) -> Result<HashMap<String, String>, Problem> {
    Ok(tx.staff_names().await?.into_iter().collect())
}

async fn card(tx: &mut Tx, page: &Page, ticket: &Ticket) -> Result<Card, Problem> {
    let customer = match &ticket.customer {
        Some(id) => Some(tx.customer_fetch(id).await?.map_or_else(|| id.to_string(), |c| c.name)),
        None => None,
    };
    let contact = match &ticket.requester {
        Some(id) => tx.contact_fetch(id).await?,
        None => None,
    };
    let bound = match &ticket.requester {
        Some(id) => tx.contact_chat(id).await?.is_some(),
        None => ticket.origin.chat.is_some(),
    };
    let (mut place, mut vm_state, mut lock) = (None, None, None);
    if let Some(id) = ticket.form.service() {
        place = tx.service_fetch(id).await?.map(|s| match s.place {
            Place::Vm { zone, domain } => format!("{zone} · {domain}"),
            Place::Kubernetes { cluster, namespace } => format!("{cluster} · {namespace}"),
        });
        if let Some(rented) = tx.rented_fetch(id).await? {
            vm_state = rented.state.map(|state| plan_text::machine_state(&state, page.lang));
            lock = rented.lock_reason.map(|reason| plan_text::lock_reason(&reason, page.lang));
        }
    }
    let mut others = Vec::new();
    if let Some(customer) = &ticket.customer {
        let filter = QueueFilter { customer: Some(customer.clone()), ..QueueFilter::default() };
        for other in tx.tickets_listed(&filter, None, 6).await? {
            let other = other.ticket;
            if other.id != ticket.id && others.len() < 5 {
                others.push((
                    other.number.to_string(),
                    words::kind(page, other.kind),
                    words::state_of(page, &other),
                ));
            }
        }
    }
    Ok(Card {
        customer,
        customer_id: ticket.customer.as_ref().map(ToString::to_string),
        contact,
        bound,
        service: ticket.form.service().map(ToString::to_string),
        place,
        vm_state,
        lock,
        incident: tx.incident_number_of(ticket.id).await?.map(|number| number.to_string()),
        others,
    })
}

/// What the customer filled in, as names and values.
fn facts(page: &Page, form: &Form) -> Vec<(String, String)> {
    let fact = |key: &str, value: String| (page.t(key), value);
    match form {
        Form::VmReboot { mode, .. } => vec![fact("web-fact-mode", page.t(&format!("web-mode-{mode}")))],
        Form::QuotaIncrease { resource, current, wanted, .. } => {
            let current = current.map_or_else(|| "?".to_owned(), |c| c.to_string());
            vec![fact("web-fact-quota", format!("{resource}: {current} → {wanted}"))]
        }
        Form::ZoneLink { from, to, remove } => {
            let key = if *remove { "web-fact-unlink" } else { "web-fact-link" };
            vec![fact(key, format!("{from} ↔ {to}"))]
        }
        Form::NewCabinet { company, phone } => {
            vec![fact("web-fact-company", company.clone()), fact("web-fact-phone", phone.clone())]
        }
        Form::Order { terms } => vec![fact("web-fact-terms", terms.to_string())],
        Form::Claim { since: Some(since), .. } | Form::Fault { since: Some(since), .. } => {
            vec![fact("web-fact-since", page.when(since))]
        }
        Form::VmUnlock { .. }
        | Form::PasswordRecovery { .. }
        | Form::Claim { since: None, .. }
        | Form::Fault { since: None, .. }
        | Form::Binding { .. }
        | Form::Plain => Vec::new(),
    }
}

fn can(me: &Me, ticket: &Ticket) -> Can {
    let handles = me.may(Right::Handle);
    let state = ticket.state;
    let plain = matches!(state, TicketState::New | TicketState::Open | TicketState::WaitingCustomer);
    Can {
        take: handles && state.is_active() && ticket.assignee.is_none(),
        answer: handles && !state.is_terminal(),
        ask: handles && plain,
        solve: handles && plain,
        hand_over: handles && state.is_active(),
        acknowledge: handles && ticket.paging.as_ref().is_some_and(crate::domain::ticket::Paging::is_live),
    }
}

/// One reply of each name: in the customer's language where there is one.
fn in_language(all: Vec<Canned>, language: Lang) -> Vec<Canned> {
    let mut chosen: Vec<Canned> = Vec::new();
    for canned in all {
        match chosen.last_mut().filter(|last| last.name == canned.name) {
            Some(last) if canned.language == language => *last = canned,
            Some(_) => {}
            None => chosen.push(canned),
        }
    }
    chosen
}

/// The ticket that an address names.
pub(super) async fn named(tx: &mut Tx, number: &str) -> Result<Ticket, Problem> {
    let number: TicketNumber = number.parse().map_err(|_| Problem::NotFound)?;
    tx.ticket_by_number(number).await?.ok_or(Problem::NotFound)
}

/// The page, or for htmx the part of it that changes.
pub async fn page(
    State(web): State<Web>,
    me: Me,
    Path(number): Path<String>,
    Query(address): Query<Address>,
) -> Result<Response, Problem> {
    show(&web, &me, &number, &address, None).await
}

/// The page; after a refusal with the reason and the words that were not sent.
pub(super) async fn show(
    web: &Web,
    me: &Me,
    number: &str,
    address: &Address,
    draft: Option<&str>,
) -> Result<Response, Problem> {
    let mut p = Page::mine(web, me);
    let mut tx = web.db.read().await?;
    let ticket = named(&mut tx, number).await?;
    let names = staff_names(&mut tx).await?;
    let name = |id: &str| names.get(id).cloned().unwrap_or_else(|| id.to_owned());
    let events = tx.events(ticket.id.0).await?;
    let messages = tx.messages(ticket.id, true).await?;
    let sent = tx.outbox_deliveries(ticket.id).await?;
    let writing = tx.presence_of(ticket.id, &me.staff.id, p.now).await?;
    let talk = talk(&p, &ticket, &events, &messages, &sent, &name);
    let plan = Plan::of(web, &mut tx, &p, me, &ticket, &events, &name).await?;
    let promises = [Standing::of(&p, &ticket.first_reply), Standing::of(&p, &ticket.resolution)];
    let number = ticket.number.to_string();
    let (state, queue) = (words::state_of(&p, &ticket), words::queue(&p, ticket.queue));
    let holder = ticket.assignee.as_ref().map(|id| name(id.as_str()));
    let mark = words::mark(&ticket);
    if me.visitor.part {
        return html(&TicketLive {
            p: &p,
            state: &state,
            mark,
            queue: &queue,
            holder: &holder,
            promises: &promises,
            talk: &talk,
            writing: &writing,
            plan: &plan,
        });
    }
    let card = card(&mut tx, &p, &ticket).await?;
    let canned = in_language(tx.canned_all().await?, ticket.language);
    let draft = match (draft, canned.iter().find(|c| c.name == address.canned)) {
        (Some(draft), _) => draft.to_owned(),
        (None, Some(chosen)) => {
            let (engineer, phone) = (me.staff.name.as_str(), web.support.phone.as_str());
            let filler = Filler { ticket: &ticket, engineer, phone, now: p.now };
            // A place for which this ticket has nothing stays as it is: the engineer sees it and writes what belongs there.
            filler.fill(&chosen.body, chosen.language).unwrap_or_else(|_| chosen.body.clone())
        }
        (None, None) => String::new(),
    };
    if !address.done.is_empty() {
        let key = format!("web-done-{}", address.done);
        let known = address.done.chars().all(|c| c.is_ascii_lowercase() || c == '-');
        p.done = (known && crate::text::Texts::get().has(p.lang, &key)).then(|| p.t(&key));
    }
    let policy = web.service.policy_of(&ticket)?;
    html(&TicketPage {
        kind: words::kind(&p, ticket.kind),
        mark,
        state,
        queue,
        holder,
        cycle: ticket.cycle,
        requester: ticket.requester_name.clone(),
        language: p.t(&format!("desk-speaks-{}", ticket.language)),
        channel: p.t(&format!("web-channel-{}", ticket.origin.channel)),
        facts: facts(&p, &ticket.form),
        deadlines: deadlines(&p, &ticket, &events, policy),
        stretches: stretches(&p, &ticket, &events, &name),
        promises,
        card,
        plan,
        talk,
        entries: entries(&p, &ticket, &events, &name),
        chain: verify(&events, (ticket.seq, &ticket.head)).is_ok(),
        head: ticket.head.chars().take(12).collect(),
        writing,
        can: can(me, &ticket),
        queues: Queue::ALL
            .iter()
            .filter(|q| **q != ticket.queue)
            .map(|q| (q.as_str(), words::queue(&p, *q)))
            .collect(),
        canned: canned.iter().map(|c| (c.name.clone(), c.body.chars().take(60).collect())).collect(),
        draft,
        live: format!("/tickets/{number}/live"),
        number,
        p,
    })
}
