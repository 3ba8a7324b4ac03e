//! The domain's words in the OpenAPI document: the domain itself knows nothing of HTTP.

use std::borrow::Cow;

use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// A text that is one of the words of an enum.
macro_rules! words {
    ($($name:ident in $module:ident),+ $(,)?) => {$(
        /// See the domain's type of the same name.
        pub struct $name;

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                let words = crate::domain::$module::$name::ALL.iter().map(|word| word.as_str());
                ObjectBuilder::new()
                    .schema_type(SchemaType::Type(Type::String))
                    .enum_values(Some(words))
                    .into()
            }
        }

        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                Cow::Borrowed(stringify!($name))
            }
        }
    )+};
}

words! {
    Kind in kind,
    Queue in kind,
    Channel in kind,
    Terms in kind,
    Told in told,
    State in ticket,
    Lang in lang,
    RebootMode in form,
    GroupBy in report,
    Cause in credit,
    DowntimeState in incident,
}
