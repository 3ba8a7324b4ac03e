//! `/api/v1/customers` and `/api/v1/services`: who the customers are and what they rent.

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Api;
use super::caller::Caller;
use super::input::{Params, id};
use super::problem::Problem;
use super::refusals;
use super::schema;
use crate::directory::{Contact, Place};
use crate::domain::ids::CustomerId;
use crate::domain::person::Right;

/// A person who may speak for a customer.
#[derive(Debug, Serialize, ToSchema)]
pub struct ContactView {
    /// The id.
    id: String,
    /// The name.
    name: String,
    /// The telephone number, E.164.
    phone: Option<String>,
    /// The mail address.
    email: Option<String>,
    /// The language of the directory.
    #[schema(value_type = schema::Lang)]
    language: &'static str,
}

impl From<Contact> for ContactView {
    fn from(c: Contact) -> Self {
        Self { id: c.id.0, name: c.name, phone: c.phone, email: c.email, language: c.language.as_str() }
    }
}

/// An organisation that rents.
#[derive(Debug, Serialize, ToSchema)]
pub struct CustomerView {
    /// The id.
    id: String,
    /// The name.
    name: String,
    /// Who may speak for it.
    contacts: Vec<ContactView>,
}

/// Customers, by id.
#[derive(Debug, Serialize, ToSchema)]
pub struct CustomerList {
    /// All that this token may see.
    items: Vec<CustomerView>,
}

/// List the customers and their contacts.
#[utoipa::path(
    get,
    path = "/customers",
    tag = "directory",
    responses(
        (status = 200, description = "Customers", body = CustomerList),
        refusals::Always,
    ),
)]
pub async fn customers(State(api): State<Api>, caller: Caller) -> Result<Json<CustomerList>, Problem> {
    caller.must(Right::Read)?;
    let directory = api.db.read().await?.directory_load().await?;
    let mut contacts = directory.contacts;
    let items = directory
        .customers
        .into_iter()
        .filter(|customer| caller.customer.as_ref().is_none_or(|own| *own == customer.id))
        .map(|customer| {
            let own = contacts.extract_if(.., |c| c.customer == customer.id).map(ContactView::from).collect();
            CustomerView { id: customer.id.0, name: customer.name, contacts: own }
        })
        .collect();
    Ok(Json(CustomerList { items }))
}

/// Which services.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ServiceParams {
    /// Of this customer.
    #[param(value_type = Option<String>, min_length = 1, max_length = 100, pattern = r"^[^\x00]+$")]
    customer: Option<CustomerId>,
}

/// Something that a customer rents.
#[derive(Debug, Serialize, ToSchema)]
pub struct ServiceView {
    /// The id.
    id: String,
    /// Whose.
    customer: String,
    /// Under which terms.
    #[schema(value_type = schema::Terms)]
    terms: &'static str,
    /// The availability zone, for a VM.
    zone: Option<String>,
    /// The domain in libvirt, for a VM.
    domain: Option<String>,
    /// The cluster, for a place in one.
    cluster: Option<String>,
    /// The namespace, for a place in a cluster.
    namespace: Option<String>,
    /// Since when it is rented.
    since: DateTime<Utc>,
    /// Until when, if that is known.
    until: Option<DateTime<Utc>>,
    /// The price per month in force, KZT.
    monthly: Option<String>,
}

/// Services, by id.
#[derive(Debug, Serialize, ToSchema)]
pub struct ServiceList {
    /// All that this token may see.
    items: Vec<ServiceView>,
}

/// List what is rented.
#[utoipa::path(
    get,
    path = "/services",
    tag = "directory",
    params(ServiceParams),
    responses(
        (status = 200, description = "Services", body = ServiceList),
        (status = 403, description = "Another customer's", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "A parameter cannot be used", body = Problem, content_type = "application/problem+json"),
        refusals::Always,
    ),
)]
pub async fn services(
    State(api): State<Api>,
    caller: Caller,
    Params(params): Params<ServiceParams>,
) -> Result<Json<ServiceList>, Problem> {
    caller.must(Right::Read)?;
    id("customer", params.customer.as_ref().map(CustomerId::as_str))?;
    if let (Some(own), Some(asked)) = (&caller.customer, &params.customer)
        && own != asked
    {
        return Err(Problem::forbidden(format!("this token is limited to the customer {own}")));
    }
    let wanted = caller.customer.clone().or(params.customer);
    let now = api.service.now();
    let services = api.db.read().await?.directory_load().await?.services;
    let items = services
        .into_iter()
        .filter(|s| wanted.as_ref().is_none_or(|customer| *customer == s.customer))
        .map(|s| ServiceView::of(s, now))
        .collect();
    Ok(Json(ServiceList { items }))
}

impl ServiceView {
    fn of(service: crate::directory::Service, now: crate::clock::Moment) -> Self {
        let terms = service.place.terms().as_str();
        let (zone, domain, cluster, namespace) = match service.place {
            Place::Vm { zone, domain } => (Some(zone.0), Some(domain), None, None),
            Place::Kubernetes { cluster, namespace } => (None, None, Some(cluster.0), Some(namespace)),
        };
        let price = service.prices.iter().rev().find(|price| price.from <= now);
        Self {
            id: service.id.0,
            customer: service.customer.0,
            terms,
            zone,
            domain,
            cluster,
            namespace,
            since: service.since,
            until: service.until,
            monthly: price.map(|p| rust_decimal::Decimal::new(p.monthly_tiyn, 2).to_string()),
        }
    }
}
