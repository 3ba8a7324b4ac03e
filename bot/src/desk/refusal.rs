//! Why something was not done, in the presser's language, and what to do instead.

use crm::domain::lang::Lang;
use crm::domain::refusal::Refusal;
use crm::store::{StoreError, Tx};
use crm::t;

use super::facts::staff_name;
use super::words;

/// The sentence for `refusal`. Plain text: it is shown in a window, where there is no HTML.
pub async fn sentence(tx: &mut Tx, refusal: &Refusal, lang: Lang) -> Result<String, StoreError> {
    Ok(match refusal {
        Refusal::TakenBy(staff) => t!(lang, "desk-refused-taken", name = staff_name(tx, staff).await?),
        Refusal::WrongState(state) => t!(lang, "desk-refused-state", state = words::state(*state, lang)),
        Refusal::StaleAction => t!(lang, "desk-refused-stale"),
        Refusal::ExpiredAction => t!(lang, "desk-refused-expired"),
        Refusal::AnotherPersonNeeded => t!(lang, "desk-refused-another"),
        Refusal::Forbidden => t!(lang, "desk-refused-forbidden"),
        Refusal::NoTrialLeft => t!(lang, "desk-refused-trial"),
        Refusal::NotFound | Refusal::NoSuchService | Refusal::NoSuchKind => {
            t!(lang, "desk-refused-not-found")
        }
        Refusal::EscalatedBy(staff) => {
            t!(lang, "desk-refused-escalated", name = staff_name(tx, staff).await?)
        }
        Refusal::CannotHold(staff) => {
            t!(lang, "desk-refused-cannot-hold", name = staff_name(tx, staff).await?)
        }
        Refusal::OtherCustomer => t!(lang, "desk-refused-other-customer"),
        Refusal::NotAttachable => t!(lang, "desk-refused-not-attachable"),
        Refusal::AlreadyOpen(number) => t!(lang, "desk-refused-already", number = number.to_string()),
    })
}
