//! The parameters of a method, whichever way they came: query, form, multipart or JSON.

use crate::error::{ApiError, bad_request};
use crate::model::Object;
use axum::body::Bytes;
use serde_json::{Value, json};
use std::collections::HashMap;

/// A file in a multipart body.
#[derive(Debug, Clone)]
pub struct Upload {
    /// The sender's name of it.
    pub name: String,
    /// Its media type.
    pub mime: String,
    /// Its content.
    pub bytes: Bytes,
}

/// All parameters of one call.
#[derive(Debug, Clone, Default)]
pub struct Params {
    values: Object,
    files: HashMap<String, Upload>,
}

impl Params {
    /// Sets a value.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<Value>) {
        self.values.insert(name.into(), value.into());
    }

    /// Sets many values.
    pub fn extend(&mut self, values: Object) {
        self.values.extend(values);
    }

    /// Adds a file.
    pub fn add_file(&mut self, name: String, upload: Upload) {
        self.files.insert(name, upload);
    }

    /// A value that is there and not null.
    pub fn raw(&self, name: &str) -> Option<&Value> {
        self.values.get(name).filter(|value| !value.is_null())
    }

    /// A text; numbers and truth values are written out.
    pub fn text(&self, name: &str) -> Option<String> {
        match self.raw(name)? {
            Value::String(text) => Some(text.clone()),
            value @ (Value::Number(_) | Value::Bool(_)) => Some(value.to_string()),
            _ => None,
        }
    }

    /// A whole number, also when it was written as text.
    pub fn int(&self, name: &str) -> Option<i64> {
        match self.raw(name)? {
            Value::Number(number) => number.as_i64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// A number with a fraction.
    pub fn float(&self, name: &str) -> Option<f64> {
        match self.raw(name)? {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// A truth value: true, "true", "True", "1"…
    pub fn flag(&self, name: &str) -> bool {
        match self.raw(name) {
            Some(Value::Bool(flag)) => *flag,
            Some(Value::String(text)) => {
                matches!(text.trim().to_ascii_lowercase().as_str(), "true" | "1" | "yes")
            }
            Some(Value::Number(number)) => number.as_i64() == Some(1),
            _ => false,
        }
    }

    /// An object or array, also when it was written as a JSON text (as forms have to).
    pub fn json(&self, name: &str) -> Result<Option<Value>, ApiError> {
        match self.raw(name) {
            None => Ok(None),
            Some(Value::String(text)) if text.trim().is_empty() => Ok(None),
            Some(Value::String(text)) => {
                let parsed = serde_json::from_str(text);
                parsed.map(Some).map_err(|_| bad_request(format!("can't parse {name} JSON object")))
            }
            Some(value) => Ok(Some(value.clone())),
        }
    }

    /// The file sent under this name.
    pub fn file(&self, name: &str) -> Option<&Upload> {
        self.files.get(name)
    }

    /// Everything for the list of calls; files as name and size.
    pub fn shown(&self) -> Value {
        let mut shown = self.values.clone();
        for (name, file) in &self.files {
            shown.insert(
                name.clone(),
                json!({ "file": file.name, "mime": file.mime, "size": file.bytes.len() }),
            );
        }
        Value::Object(shown)
    }
}
