//! The desk at work on both engines, by a clock that the test moves: promises, pages, cycles, and the audit behind them.

mod approvals;
mod audit;
mod cycles;
mod deadlines;
mod model;
mod paging;
mod several;
mod shift;
mod trial;
