//! What a customer filled in, as lines of the card: what the desk decides on, beside the words.

use crm::clock::Moment;
use crm::domain::form::Form;
use crm::domain::lang::Lang;
use crm::store::{StoreError, Tx};
use crm::t;
use crm::text::when;

use crate::say::escape;
use crate::view_ticket;

/// The lines for `form`; none for forms that the card shows otherwise. `contact` is what [`contact`] found.
pub fn line(form: &Form, contact: Option<&str>, now: Moment, lang: Lang) -> Option<String> {
    Some(match form {
        Form::QuotaIncrease { resource, current, wanted, .. } => {
            let amount = |n| view_ticket::amount(lang, *resource, n);
            let current = current.map_or_else(|| t!(lang, "desk-form-unknown"), amount);
            let resource = t!(lang, &format!("resource-{resource}"));
            t!(lang, "desk-form-quota", resource = resource, current = current, wanted = amount(*wanted))
        }
        Form::PasswordRecovery { service: None } => t!(lang, "desk-form-cabinet-password"),
        Form::ZoneLink { from, to, remove } => {
            let ends = t!(lang, "desk-form-link", from = escape(from.as_str()), to = escape(to.as_str()));
            if *remove { format!("✂️ {ends}") } else { ends }
        }
        Form::NewCabinet { company, phone } => {
            t!(lang, "desk-form-new-cabinet", company = escape(company), phone = escape(phone))
        }
        Form::Order { terms } => t!(lang, "desk-form-order", service = t!(lang, &format!("terms-{terms}"))),
        Form::Claim { since: Some(since), .. } | Form::Fault { since: Some(since), .. } => {
            t!(lang, "desk-form-since", when = when(*since, now, lang))
        }
        Form::Binding { contact: id } => {
            t!(
                lang,
                "desk-form-binding",
                contact = contact.map_or_else(|| escape(id.as_str()), str::to_owned)
            )
        }
        Form::VmReboot { .. }
        | Form::VmUnlock { .. }
        | Form::PasswordRecovery { service: Some(_) }
        | Form::Claim { since: None, .. }
        | Form::Fault { since: None, .. }
        | Form::Plain => return None,
    })
}

/// The contact a binding is about, as the engineer must know him: name, customer, telephone. For HTML.
pub async fn contact(tx: &mut Tx, form: &Form) -> Result<Option<String>, StoreError> {
    let Form::Binding { contact } = form else { return Ok(None) };
    let Some(contact) = tx.contact_fetch(contact).await? else { return Ok(None) };
    let customer = tx.customer_fetch(&contact.customer).await?.map(|c| c.name).unwrap_or_default();
    let phone = contact.phone.unwrap_or_default();
    Ok(Some(format!("{}, {}, {}", escape(&contact.name), escape(&customer), escape(&phone))))
}
