//! The guard: checks an action anew, from what the database claims, before anything is touched.
//!
//! The provisioner trusts no row. Only this module makes an [`Approved`], and only an `Approved` is executed: the digest is computed
//! again from specification and plan, the quorum from the terms the ticket is pinned to, the approvers from the staff of this moment,
//! and what it acts on must still be the customer's.

use crm::clock::Moment;
use crm::directory::Place;
use crm::domain::action::{ActionSpec, ActionState, Failure, LinkEnd};
use crm::domain::ids::{ActionId, CustomerId, ServiceId, StaffId, TicketId};
use crm::domain::person::Right;
use crm::domain::plan::Plan;
use crm::domain::policy::{Policy, Quorum};
use crm::domain::ticket::{State, Ticket};
use crm::service::{Service, asked_himself};
use crm::store::{Approval, StoreError, StoredAction, Tx};

use crate::step_up;

/// An action that may be executed now.
#[derive(Debug, Clone)]
pub struct Approved {
    ticket: TicketId,
    spec: ActionSpec,
    plan: Plan,
    begun: bool,
}

impl Approved {
    /// The ticket that it is done for.
    pub const fn ticket(&self) -> TicketId {
        self.ticket
    }

    /// What to do.
    pub const fn spec(&self) -> &ActionSpec {
        &self.spec
    }

    /// What that changes, as it was approved.
    pub const fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Whether an earlier run began it.
    pub const fn begun(&self) -> bool {
        self.begun
    }
}

/// What the guard found.
#[derive(Debug)]
pub enum Verdict {
    /// Go.
    Approved(Box<Approved>),
    /// No; a human must look.
    Refused(Failure),
    /// The action has ended already, or its ticket has: nothing to do.
    Over,
}

fn refused(text: impl Into<String>) -> Verdict {
    Verdict::Refused(Failure { code: "guard".to_owned(), text: text.into() })
}

/// Checks action `id` at `now`.
pub async fn check(tx: &mut Tx, service: &Service, id: ActionId, now: Moment) -> Result<Verdict, StoreError> {
    let Some(action) = tx.action_fetch(id).await? else { return Ok(Verdict::Over) };
    let Some(ticket) = tx.ticket_fetch(action.ticket).await? else { return Ok(Verdict::Over) };
    let current = ticket.action.as_ref().filter(|a| a.id == id && a.state == ActionState::Approved);
    let (Some(current), None) = (current, action.finished_at) else { return Ok(Verdict::Over) };
    let looks = current.spec.only_looks() && ticket.state.is_active();
    if !looks && ticket.state != State::Executing {
        return Ok(Verdict::Over);
    }
    let (Some(spec), Some(plan)) = (action.spec.clone(), action.plan.clone()) else {
        return Ok(refused("the stored action does not read: it was changed, or written by a newer Komek"));
    };
    let digest = spec.digest(&plan, id, ticket.id);
    let same = spec == current.spec && plan == current.plan;
    if digest != action.digest || digest != current.digest || !same {
        return Ok(refused(
            "the action is not the one that was approved: its digest differs. Look at komek-crm audit verify",
        ));
    }
    let begun = action.progress.as_object().is_some_and(|p| !p.is_empty());
    if !begun && now > action.expires_at {
        return Ok(refused(
            "the approval expired before it could be executed: propose it again if it is still wanted",
        ));
    }
    let Ok(policy) = service.policy_of(&ticket) else {
        return Ok(refused(format!("the terms {} are not loaded", ticket.policy)));
    };
    if let Err(text) = check_quorum(tx, &action, &ticket, (&spec, &plan), policy).await? {
        return Ok(refused(text));
    }
    if let Err(text) = check_owner(tx, &ticket, &spec).await? {
        return Ok(refused(text));
    }
    Ok(Verdict::Approved(Box::new(Approved { ticket: ticket.id, spec, plan, begun })))
}

/// Checks before action `id` is planned, which looks at real systems: it is still wanted, and it is about the customer's own things.
pub async fn check_wanted(
    tx: &mut Tx,
    id: ActionId,
) -> Result<Result<(ActionSpec, TicketId), Verdict>, StoreError> {
    let Some(action) = tx.action_fetch(id).await? else { return Ok(Err(Verdict::Over)) };
    let Some(ticket) = tx.ticket_fetch(action.ticket).await? else { return Ok(Err(Verdict::Over)) };
    let current = ticket.action.as_ref().filter(|a| a.id == id && a.state == ActionState::Planning);
    let Some(current) = current.filter(|_| ticket.state.is_active()) else { return Ok(Err(Verdict::Over)) };
    if action.spec.as_ref() != Some(&current.spec) {
        return Ok(Err(refused(
            "the stored action is not the one that was asked for. Look at komek-crm audit verify",
        )));
    }
    Ok(match check_owner(tx, &ticket, &current.spec).await? {
        Ok(()) => Ok((current.spec.clone(), ticket.id)),
        Err(text) => Err(refused(text)),
    })
}

/// Enough different people who may, none of them the one who asked; or the terms themselves, where they approve.
async fn check_quorum(
    tx: &mut Tx,
    action: &StoredAction,
    ticket: &Ticket,
    (spec, plan): (&ActionSpec, &Plan),
    policy: &Policy,
) -> Result<Result<(), String>, StoreError> {
    let rule = policy.kinds.get(&ticket.kind).and_then(|k| k.approval.as_ref());
    if rule.is_none() && !spec.only_looks() {
        return Ok(Err("the terms know no action for this kind of ticket".to_owned()));
    }
    if plan.facts.stepped_up && !step_up::confirmed(tx, ticket).await? {
        return Ok(Err("no code on record proves who asks, though the plan says so".to_owned()));
    }
    let approvals = tx.approvals(action.id).await?;
    let valid: Vec<&Approval> = approvals
        .iter()
        .filter(|a| a.digest == action.digest && a.approved_at <= action.expires_at)
        .collect();
    let quorum = policy.quorum(ticket.kind, spec, plan);
    if quorum == Quorum::Auto {
        let given = valid.iter().any(|a| a.approver == "policy");
        return Ok(if given { Ok(()) } else { Err("no approval by the terms is recorded".to_owned()) });
    }
    let mut people = 0;
    for approval in valid {
        let id = StaffId(approval.approver.clone());
        let staff = tx.staff_member(&id).await?;
        let Some(staff) = staff.filter(|s| s.role.may(Right::Approve)) else { continue };
        if asked_himself(tx, &id, ticket).await? {
            return Ok(Err(format!("{} approved what he asked for himself", staff.name)));
        }
        people += 1;
    }
    Ok(if people >= quorum.people() {
        Ok(())
    } else {
        Err(format!("{people} valid approvals, {} needed", quorum.people()))
    })
}

/// What is acted on is still the customer's, and still where the action says.
async fn check_owner(
    tx: &mut Tx,
    ticket: &Ticket,
    spec: &ActionSpec,
) -> Result<Result<(), String>, StoreError> {
    let Some(owner) = &ticket.customer else { return Ok(Err("the ticket has no customer".to_owned())) };
    let (holds, what) = match spec {
        ActionSpec::VmReboot { vm, zone, domain, .. } | ActionSpec::VmUnlock { vm, zone, domain, .. } => {
            let place = Place::Vm { zone: zone.clone(), domain: domain.clone() };
            let what = format!("{vm} is not this customer's machine {domain} in zone {zone} any more");
            (rents(tx, owner, vm, |there| *there == place).await?, what)
        }
        ActionSpec::QuotaNamespace { service, cluster, namespace, .. }
        | ActionSpec::ClusterCredentials { service, cluster, namespace } => {
            let place = Place::Kubernetes { cluster: cluster.clone(), namespace: namespace.clone() };
            let what =
                format!("{service} is not this customer's place {namespace} in cluster {cluster} any more");
            (rents(tx, owner, service, |there| *there == place).await?, what)
        }
        ActionSpec::ControlPlaneCheck { service, cluster } => {
            let there = |place: &Place| matches!(place, Place::Kubernetes { cluster: c, .. } if c == cluster);
            let what = format!("{service} is not this customer's place in cluster {cluster} any more");
            (rents(tx, owner, service, there).await?, what)
        }
        ActionSpec::QuotaCabinet { customer, project, .. } => {
            let cabinet = tx.customer_fetch(owner).await?.and_then(|c| c.cabinet);
            let what = format!("{project} is not this customer's project any more");
            (customer == owner && cabinet.is_some_and(|c| c.project == *project), what)
        }
        ActionSpec::CabinetPassword { customer, user } => {
            let cabinet = tx.customer_fetch(owner).await?.and_then(|c| c.cabinet);
            let what = format!("{user} is not this customer's account any more");
            (customer == owner && cabinet.is_some_and(|c| c.user == *user), what)
        }
        ActionSpec::ZoneLink { customer, from, to } | ActionSpec::ZoneUnlink { customer, from, to } => {
            let both = has_network(tx, owner, from).await? && has_network(tx, owner, to).await?;
            let what =
                format!("{} and {} are not both this customer's networks any more", from.network, to.network);
            (customer == owner && both, what)
        }
    };
    Ok(if holds { Ok(()) } else { Err(what) })
}

async fn rents(
    tx: &mut Tx,
    owner: &CustomerId,
    service: &ServiceId,
    there: impl Fn(&Place) -> bool + Send,
) -> Result<bool, StoreError> {
    let rented = tx.service_fetch(service).await?;
    Ok(rented.is_some_and(|s| s.customer == *owner && there(&s.place)))
}

async fn has_network(tx: &mut Tx, owner: &CustomerId, end: &LinkEnd) -> Result<bool, StoreError> {
    let network = tx.network_fetch(&end.network).await?.filter(|n| n.customer == *owner);
    Ok(network.is_some_and(|n| LinkEnd::from(n) == *end))
}
