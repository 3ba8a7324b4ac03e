//! The engineers' side: cards and threads in the desk group, and what staff do in private.

pub mod card;
pub mod page;
pub mod thread;

use crate::context::{Context, Result};

/// Whether something in a private chat is a staff member's business with the desk: a desk command, or a button whose data begins
/// with `d:`. Rights are checked when it is carried out.
pub fn claims(_ctx: &Context) -> bool {
    false
}

/// What a staff member does in private: `/queue`, acknowledging a page.
pub async fn private(_ctx: Context) -> Result<()> {
    Ok(())
}

/// Anything that happens in a group.
pub async fn group(_ctx: Context) -> Result<()> {
    Ok(())
}
