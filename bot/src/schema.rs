//! The handler tree: which conversation an update belongs to. Nothing else is decided here.

use std::ops::ControlFlow;

use teloxide::dptree::{self, Handler};

use crate::context::{Context, Result};
use crate::update::ChatKind;
use crate::{desk, flows};

/// The tree; built once.
pub type Schema = Handler<'static, Result<()>>;

/// Private chats belong to the customers' conversations, except what a staff member says to the desk; groups belong to the desk.
pub fn schema() -> Schema {
    let in_private = dptree::filter(|ctx: Context| ctx.incoming.chat_kind == ChatKind::Private);
    let in_group = dptree::filter(|ctx: Context| ctx.incoming.chat_kind == ChatKind::Group);
    let for_the_desk = dptree::filter(|ctx: Context| desk::claims(&ctx));

    dptree::entry()
        .branch(
            in_private.branch(for_the_desk.endpoint(desk::private)).branch(dptree::endpoint(flows::private)),
        )
        .branch(in_group.endpoint(desk::group))
}

/// Sends an update down the tree. What no branch wants (a channel) is nothing to us.
pub async fn dispatch(schema: &Schema, context: Context) -> Result<()> {
    match schema.dispatch(dptree::deps![context]).await {
        ControlFlow::Break(result) => result,
        ControlFlow::Continue(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    /// dptree checks at construction that each branch gets what it needs.
    #[test]
    fn the_tree_is_sound() {
        let _ = super::schema();
    }
}
