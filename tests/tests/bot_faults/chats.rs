//! Chats that change under the bot's hands: blocked by the person, a message gone, a group that becomes a supergroup.

use anyhow::{Context, Result, ensure};
use crm::domain::lang::Lang;
use komek_tests::engine::Engine;
use komek_tests::town::{Asker, DESK, STAFF, Town};
use sandbox::GroupSpec;

use crate::{AIGERIM, LIMIT, town};

/// Who blocked the bot cannot be answered there. The desk sees that, and what to do instead.
#[tokio::test]
async fn an_answer_that_a_blocked_bot_cannot_deliver_is_shown_to_the_desk() -> Result<()> {
    let Some((town, _bot)) = town().await? else { return Ok(()) };
    let aigerim = town.phone(AIGERIM);
    let number = Asker::new(aigerim.clone()).ask("Есепшот керек").await?;
    let nurlan = town.phone(STAFF[0].0).at(DESK);
    let card = nurlan.wait_for_text(&number).await?;
    aigerim.block(true)?;
    town.until("SELECT COUNT(*) FROM account WHERE blocked_at IS NOT NULL", 1, LIMIT).await?;
    nurlan.reply(card.id, "Поштаға жібердік")?;
    let blocked = crm::t!(Lang::Kk, "desk-undelivered-blocked");
    // On the card, and to whoever wrote it.
    for on_card in [true, false] {
        let shown = nurlan.wait_for(|m| (m.id == card.id) == on_card && m.text.contains(&blocked)).await?;
        ensure!(shown.text.contains("+77010000001"), "{}", shown.text);
    }
    town.until("SELECT COUNT(*) FROM outbox WHERE state = 'failed'", 1, LIMIT).await?;
    // Back again, he is written to.
    aigerim.block(false)?;
    aigerim.send("/tickets")?;
    aigerim.wait_for_text(&number).await?;
    town.until("SELECT COUNT(*) FROM account WHERE blocked_at IS NOT NULL", 0, LIMIT).await?;
    nurlan.reply(card.id, "Қайта жібердік")?;
    aigerim.wait_for_text("Қайта жібердік").await?;
    Ok(())
}

/// A card that somebody deleted is made anew, and works.
#[tokio::test]
async fn a_deleted_card_is_made_anew() -> Result<()> {
    let Some((town, _bot)) = town().await? else { return Ok(()) };
    let aigerim = town.phone(AIGERIM);
    let number = Asker::new(aigerim.clone()).ask("Есепшот керек").await?;
    let nurlan = town.phone(STAFF[0].0).at(DESK);
    let card = nurlan.wait_for_text(&number).await?;
    nurlan.delete(card.id)?;
    let digits: i64 = number[3..].parse()?;
    nurlan.press_data(card.id, &format!("d:t:{digits}")).err().context("it is gone")?;
    let acknowledgement =
        aigerim.messages().into_iter().rev().find(|m| m.text.contains(&number)).context("a message")?;
    aigerim.reply(acknowledgement.id, "Қазан айына")?;
    let anew = nurlan
        .wait_for(|m| m.id > card.id && komek_tests::town::data_ending(m, &format!("t:{digits}")).is_some())
        .await?;
    nurlan.reply(anew.id, "Жібердік")?;
    aigerim.wait_for_text("Жібердік").await?;
    Ok(())
}

/// A group that becomes a supergroup has another id: the bot follows, whether it was there when it happened or not.
#[tokio::test]
async fn a_group_that_becomes_a_supergroup_is_followed() -> Result<()> {
    const BASIC: i64 = -5_000_001;
    for away in [false, true] {
        let Some(town) = Town::new(Engine::Sqlite, "test:///default").await? else { return Ok(()) };
        town.sandbox.add_group(&GroupSpec::basic(BASIC, "Кезекшілер", &STAFF.map(|s| s.0)))?;
        let programs = town.programs.with("KOMEK_TELEGRAM_DESK_CHAT", &BASIC.to_string());
        let start = || programs.start("komek-bot", &[]);
        let mut bot = start()?;
        let mut aigerim = Asker::new(town.phone(AIGERIM));
        let number = aigerim.ask("Бірінші сұрақ").await?;
        let nurlan = town.phone(STAFF[0].0);
        nurlan.at(BASIC).wait_for_text(&number).await?;
        if away {
            bot.kill()?;
        }
        let new = -1_005_000_000_001 - i64::from(away);
        town.sandbox.with(|world| world.migrate(BASIC, new, false))?;
        if away {
            bot = start()?;
        }
        let number = aigerim.ask("Екінші сұрақ").await?;
        let nurlan = nurlan.at(new);
        let card = nurlan.wait_for_text(&number).await?;
        nurlan.reply(card.id, "Жауап осы")?;
        aigerim.phone.wait_for_text("Жауап осы").await?;
        ensure!(bot.stop().await?.success());
    }
    Ok(())
}
