//! Which number does what, so that one measurement does not disturb another.

use std::sync::Arc;

use super::friend;
use crate::failure::{Failure, Result};
use crate::workplace::{Number, Workplace};

/// Numbers of each kind at most, and phones that each of them writes with.
const NUMBERS: usize = 16;
const PEOPLE: u32 = 8;
/// The least that can be shared out.
const LEAST: usize = 5;

/// One chat of a linked number.
#[derive(Debug, Clone)]
pub(super) struct Pair {
    pub(super) number: Number,
    pub(super) phone: String,
}

/// The numbers of each measurement.
pub(super) struct Cast {
    /// Numbers that send.
    pub(super) sending: Vec<Number>,
    /// Numbers that are written to.
    pub(super) receiving: Vec<Number>,
    /// Numbers whose queues stand still.
    pub(super) paused: Vec<Number>,
    /// One for itself, whose messages are timed.
    pub(super) timed: Number,
    /// One that is in groups.
    pub(super) grouped: Number,
}

impl Cast {
    /// Shares out the numbers that are online.
    pub(super) fn of(numbers: &[Number]) -> Result<Self> {
        let [timed, grouped, others @ ..] = numbers else { return Err(too_few()) };
        if numbers.len() < LEAST {
            return Err(too_few());
        }
        let each = (others.len() / 3).min(NUMBERS);
        let part = |n: usize| others[n * each..(n + 1) * each].to_vec();
        Ok(Self {
            sending: part(0),
            receiving: part(1),
            paused: part(2),
            timed: timed.clone(),
            grouped: grouped.clone(),
        })
    }
}

fn too_few() -> Failure {
    Failure::new(format!("messages need at least {LEAST} numbers that are online"))
}

/// Every one of `numbers` with every one of the people from `first` on; neighbours
/// are chats of different numbers.
pub(super) async fn pairs(place: &Workplace, numbers: &[Number], first: u32) -> Result<Arc<Vec<Pair>>> {
    let mut pairs = Vec::new();
    for n in first..first + PEOPLE {
        let phone = friend(n);
        place.phones.create(&phone).await?;
        pairs.extend(numbers.iter().map(|number| Pair { number: number.clone(), phone: phone.clone() }));
    }
    Ok(Arc::new(pairs))
}
