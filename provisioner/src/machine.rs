//! What the procedures of one virtual machine work with.

use crate::hypervisor::Hypervisor;
use crate::report::Timing;
use crate::steps::{Procedure, Run};

/// One machine on its hypervisor.
#[derive(Clone, Copy)]
pub struct Machine<'r> {
    /// The zone's hypervisor.
    pub hv: &'r dyn Hypervisor,
    /// The domain that it is about.
    pub domain: &'r str,
    /// How long to wait for what.
    pub timing: &'r Timing,
}

/// A procedure of one virtual machine.
pub trait OfMachine: for<'r> Procedure<World<'r> = Machine<'r>> {}
impl<P: for<'r> Procedure<World<'r> = Machine<'r>>> OfMachine for P {}

impl<P: OfMachine> Run<'_, P> {
    /// Sleeps until the next look.
    pub async fn pause(&mut self) {
        self.clock.sleep_until(self.after(self.timing.poll)).await;
    }
}
