//! The bot's integration tests: whole conversations, told as transcripts of the chats.

mod availability;
mod desk;
mod desk_approvals;
mod desk_shift;
mod desk_stories;
mod desk_topics;
mod desk_web;
mod entering;
mod forms;
mod mine;
mod mishaps;
mod oddities;
mod person;
mod promises;
mod rating;
mod requests;
mod step_up;
mod story;
mod telegram;
mod words;
mod world;

#[tokio::test]
async fn the_world_stands() {
    let mut w = world::World::new().await;
    w.person(world::AIGERIM).says("/start").await;
    assert!(w.transcript().starts_with("\nАйгерім> /start\n"), "{}", w.transcript());
}
