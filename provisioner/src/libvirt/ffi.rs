//! What crate `virt` 0.5 lacks: announcements (domain events, a closed connection), and a domain state whose
//! error is not dropped. The only unsafe code of the workspace.
#![expect(unsafe_code, reason = "callbacks of libvirt's C library; each use states why it is sound")]

use std::ffi::{CStr, c_int, c_void};
use std::sync::Arc;

use virt::connect::Connect;
use virt::domain::Domain;
use virt::error::Error;
use virt::sys;

/// Hears what libvirt announces. Called on the event loop's thread: must return quickly and never call libvirt.
pub trait Listener: Send + Sync {
    /// A domain was defined, started, suspended, …: the numbers of `virDomainEventType`.
    fn lifecycle(&self, domain: &str, event: u32);
    /// A guest was reset. libvirt may announce one reboot several times.
    fn reboot(&self, domain: &str);
    /// The connection is gone: a number of `virConnectCloseReason`.
    fn closed(&self, reason: c_int);
}

/// The opaque pointer of each registration: a box, since a pointer to a trait object is two words wide.
type Ear = Box<Arc<dyn Listener>>;

/// Registered announcements of one connection; they end when it is dropped.
pub struct Subscription {
    connect: Connect,
    ids: Vec<c_int>,
    close: bool,
}

impl Subscription {
    /// Announces to `listener` what happens on `connect`. What a driver does not announce is left out.
    pub fn new(connect: &Connect, listener: &Arc<dyn Listener>) -> Self {
        let mut subscription = Self { connect: connect.clone(), ids: Vec::new(), close: false };
        // SAFETY: libvirt passes a lifecycle callback through the generic type and calls it with the arguments
        // that the event's number promises (the C macro VIR_DOMAIN_EVENT_CALLBACK does this cast).
        let lifecycle = unsafe {
            std::mem::transmute::<
                unsafe extern "C" fn(
                    sys::virConnectPtr,
                    sys::virDomainPtr,
                    c_int,
                    c_int,
                    *mut c_void,
                ) -> c_int,
                unsafe extern "C" fn(sys::virConnectPtr, sys::virDomainPtr, *mut c_void),
            >(on_lifecycle)
        };
        subscription.listen(sys::VIR_DOMAIN_EVENT_ID_LIFECYCLE, lifecycle, listener);
        subscription.listen(sys::VIR_DOMAIN_EVENT_ID_REBOOT, on_reboot, listener);
        let ear = Box::into_raw(Ear::new(Arc::clone(listener)));
        // SAFETY: the connection is alive (we hold a reference); `ear` is a fresh box which libvirt hands to
        // `drop_ear` exactly once if it took the registration, and which is ours again if it did not.
        subscription.close = unsafe {
            let taken = sys::virConnectRegisterCloseCallback(
                connect.as_ptr(),
                Some(on_close),
                ear.cast(),
                Some(drop_ear),
            ) == 0;
            if !taken {
                drop_ear(ear.cast());
            }
            taken
        };
        subscription
    }

    fn listen(
        &mut self,
        event: sys::virDomainEventID,
        callback: unsafe extern "C" fn(sys::virConnectPtr, sys::virDomainPtr, *mut c_void),
        listener: &Arc<dyn Listener>,
    ) {
        let ear = Box::into_raw(Ear::new(Arc::clone(listener)));
        let event = c_int::try_from(event).unwrap_or(c_int::MAX);
        // SAFETY: as for the close callback: a live connection, and a box that is freed by exactly one side.
        unsafe {
            let id = sys::virConnectDomainEventRegisterAny(
                self.connect.as_ptr(),
                std::ptr::null_mut(),
                event,
                Some(callback),
                ear.cast(),
                Some(drop_ear),
            );
            if id < 0 {
                drop_ear(ear.cast());
            } else {
                self.ids.push(id);
            }
        }
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        // SAFETY: the connection is alive, we hold a reference; the ids and the callback are those registered on it.
        // Without this each lost connection would be kept for ever by its own callbacks.
        unsafe {
            for id in &self.ids {
                sys::virConnectDomainEventDeregisterAny(self.connect.as_ptr(), *id);
            }
            if self.close {
                sys::virConnectUnregisterCloseCallback(self.connect.as_ptr(), Some(on_close));
            }
        }
    }
}

/// State and reason of a domain, as libvirt's numbers. (`Domain::state` returns `Ok` where this is an error.)
pub fn state(domain: &Domain) -> Result<(u32, u32), Error> {
    let (mut state, mut reason): (c_int, c_int) = (-1, -1);
    // SAFETY: the domain is alive, and both pointers are to live integers of the type that libvirt writes.
    let returned = unsafe { sys::virDomainGetState(domain.as_ptr(), &raw mut state, &raw mut reason, 0) };
    match (returned, u32::try_from(state)) {
        (0, Ok(state)) => Ok((state, u32::try_from(reason).unwrap_or(0))),
        _ => Err(Error::last_error()),
    }
}

/// # Safety
/// `opaque` is the pointer of a live registration, `domain` a live domain.
unsafe fn heard<'a>(domain: sys::virDomainPtr, opaque: *mut c_void) -> (&'a dyn Listener, String) {
    // SAFETY: see above; the box lives until `drop_ear`, which libvirt calls after the last callback. The name
    // belongs to the domain and is copied at once.
    unsafe {
        let name = CStr::from_ptr(sys::virDomainGetName(domain)).to_string_lossy().into_owned();
        (&**opaque.cast::<Arc<dyn Listener>>(), name)
    }
}

unsafe extern "C" fn on_lifecycle(
    _: sys::virConnectPtr,
    domain: sys::virDomainPtr,
    event: c_int,
    _detail: c_int,
    opaque: *mut c_void,
) -> c_int {
    // SAFETY: libvirt calls with the domain of the event and the pointer of our registration.
    let (listener, name) = unsafe { heard(domain, opaque) };
    listener.lifecycle(&name, u32::try_from(event).unwrap_or(u32::MAX));
    0
}

unsafe extern "C" fn on_reboot(_: sys::virConnectPtr, domain: sys::virDomainPtr, opaque: *mut c_void) {
    // SAFETY: libvirt calls with the domain of the event and the pointer of our registration.
    let (listener, name) = unsafe { heard(domain, opaque) };
    listener.reboot(&name);
}

unsafe extern "C" fn on_close(_: sys::virConnectPtr, reason: c_int, opaque: *mut c_void) {
    // SAFETY: the pointer of our registration, alive until `drop_ear`.
    unsafe { &**opaque.cast::<Arc<dyn Listener>>() }.closed(reason);
}

unsafe extern "C" fn drop_ear(opaque: *mut c_void) {
    // SAFETY: the pointer came from `Box::into_raw` in `new` or `listen` and is given back once.
    drop(unsafe { Ear::from_raw(opaque.cast()) });
}
