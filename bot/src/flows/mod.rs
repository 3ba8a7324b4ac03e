//! The customers' conversations, one file each.

use crate::context::{Context, Result};

/// Anything a person does in his private chat with the bot.
pub async fn private(_ctx: Context) -> Result<()> {
    Ok(())
}
