//! The guard: checks an action anew, from what the database claims, before anything is touched.
//!
//! The provisioner trusts no row. Only this module makes an [`Approved`], and only an `Approved` is executed: the digest is computed
//! again from the specification, the quorum from the terms the ticket is pinned to, the approvers from the staff of this moment, and
//! the machine must still be the customer's.

use crm::clock::Moment;
use crm::domain::action::{ActionSpec, ActionState, Failure};
use crm::domain::ids::{ActionId, StaffId};
use crm::domain::person::Right;
use crm::domain::policy::{Policy, Quorum};
use crm::domain::ticket::{State, Ticket};
use crm::service::{Service, asked_himself};
use crm::store::{Approval, StoreError, StoredAction, Tx};

/// An action that may be executed now.
#[derive(Debug, Clone)]
pub struct Approved {
    spec: ActionSpec,
    begun: bool,
}

impl Approved {
    /// What to do.
    pub const fn spec(&self) -> &ActionSpec {
        &self.spec
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
    Approved(Approved),
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
    let (Some(current), State::Executing, None) = (current, ticket.state, action.finished_at) else {
        return Ok(Verdict::Over);
    };
    let Some(spec) = action.spec.clone() else {
        return Ok(refused("the stored action does not read: it was changed, or written by a newer Komek"));
    };
    let digest = spec.digest(id, ticket.id);
    if digest != action.digest || digest != current.digest || spec != current.spec {
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
    if let Err(text) = check_quorum(tx, &action, &ticket, &spec, policy).await? {
        return Ok(refused(text));
    }
    if let Err(text) = check_machine(tx, &ticket, &spec).await? {
        return Ok(refused(text));
    }
    Ok(Verdict::Approved(Approved { spec, begun }))
}

/// Enough different people who may, none of them the one who asked; or the terms themselves, where they approve.
async fn check_quorum(
    tx: &mut Tx,
    action: &StoredAction,
    ticket: &Ticket,
    spec: &ActionSpec,
    policy: &Policy,
) -> Result<Result<(), String>, StoreError> {
    let lock_reason = match spec {
        ActionSpec::VmUnlock { lock_reason, .. } => lock_reason.as_deref(),
        ActionSpec::VmReboot { .. } => None,
    };
    let Some(rule) = policy.kinds.get(&ticket.kind).and_then(|k| k.approval.as_ref()) else {
        return Ok(Err("the terms know no action for this kind of ticket".to_owned()));
    };
    let approvals = tx.approvals(action.id).await?;
    let valid: Vec<&Approval> = approvals
        .iter()
        .filter(|a| a.digest == action.digest && a.approved_at <= action.expires_at)
        .collect();
    let quorum = rule.quorum(lock_reason);
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

/// The machine is still the customer's, and still where the plan says.
async fn check_machine(
    tx: &mut Tx,
    ticket: &Ticket,
    spec: &ActionSpec,
) -> Result<Result<(), String>, StoreError> {
    let (ActionSpec::VmReboot { vm, zone, domain, .. } | ActionSpec::VmUnlock { vm, zone, domain, .. }) =
        spec;
    let rented = tx.rented_fetch(vm).await?;
    let same = rented.is_some_and(|r| {
        Some(&r.customer) == ticket.customer.as_ref()
            && r.domain.is_some_and(|d| d.0 == *zone && d.1 == *domain)
    });
    Ok(if same {
        Ok(())
    } else {
        Err(format!("{vm} is not this customer's machine {domain} in zone {zone} any more"))
    })
}
