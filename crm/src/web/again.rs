//! A form that is shown again after a refusal: with everything that was typed, and by the field what is wrong with it.

use axum::response::{IntoResponse, Response};

use super::error::Problem;
use super::page::{Page, html};

/// What is wrong with a form, and where.
#[derive(Debug, Clone, Default)]
pub struct Wrong {
    /// The name of the field; empty where it is the form as a whole.
    field: &'static str,
    /// What is wrong, and what to do; empty where nothing is.
    pub words: String,
}

impl Wrong {
    /// What `problem` says of `field`; `None` where no other words in the form would help.
    pub fn of(page: &Page, problem: &Problem, field: &'static str) -> Option<Self> {
        problem.advice(page).map(|words| Self { field, words })
    }

    /// Whether it is about `field`.
    pub fn at(&self, field: &str) -> bool {
        !self.words.is_empty() && self.field == field
    }

    /// Whether anything is wrong.
    pub const fn any(&self) -> bool {
        !self.words.is_empty()
    }
}

/// The page with the form, answered with the problem's status.
pub fn shown(problem: &Problem, page: &impl askama::Template) -> Result<Response, Problem> {
    Ok((problem.status(), html(page)?).into_response())
}
