//! Fuzzing in ordinary tests: valid inputs are changed at random, from a seed, for
//! as long as the environment says.
//!
//! A target is a test that names its seeds and calls [`Fuzz::run`]. Seeds are given
//! in the code or lie in the crate's folder `fuzz/<target>`; an input with a new
//! outcome joins them for the rest of the run. What fails a run: a panic, an input
//! that takes longer than [`Fuzz::patience`], and a process that grows. The input
//! is then written to a file whose name is told.
//!
//! | variable | for | when absent |
//! |---|---|---|
//! | `FUZZ_SECONDS` | how long a target runs | 0.3 |
//! | `FUZZ_SEED` | where its randomness begins | 1 |
//! | `FUZZ_INPUT` | a file: that input alone, once | |

mod json;
mod mutate;
mod random;
mod watch;

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::time::{Duration, Instant};

pub use random::Random;

use watch::{Failing, Watch};

/// Inputs that are kept for being changed again.
const POOL: usize = 4_000;
/// Bytes of an input.
const LONGEST: usize = 256 * 1024;
/// Bytes by which the process may grow.
const GROWTH: u64 = 512 * 1024 * 1024;
/// How often its memory is looked at, in inputs.
const LOOK: u64 = 256;

/// What an input is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Bytes,
    Json,
}

/// A target.
#[derive(Debug)]
pub struct Fuzz {
    name: &'static str,
    form: Form,
    seeds: Vec<Vec<u8>>,
    words: Vec<Vec<u8>>,
    patience: Duration,
}

impl Fuzz {
    /// A target whose inputs are bytes.
    #[must_use]
    pub fn new(name: &'static str) -> Self {
        Self { name, form: Form::Bytes, seeds: Vec::new(), words: Vec::new(), patience: Duration::from_secs(20) }
    }

    /// A target whose inputs are JSON: half of the changes leave them so.
    #[must_use]
    pub fn json(name: &'static str) -> Self {
        Self { form: Form::Json, ..Self::new(name) }
    }

    /// Adds valid inputs.
    #[must_use]
    pub fn seeds<S: AsRef<[u8]>>(mut self, seeds: impl IntoIterator<Item = S>) -> Self {
        self.seeds.extend(seeds.into_iter().map(|seed| seed.as_ref().to_vec()));
        self
    }

    /// Adds every file of a folder, in the order of their names.
    ///
    /// # Panics
    /// When there is none: a corpus that is not found is no corpus.
    #[must_use]
    pub fn corpus(mut self, folder: impl AsRef<Path>) -> Self {
        let folder = folder.as_ref();
        let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        let mut files: Vec<_> = entries.flatten().map(|entry| entry.path()).filter(|path| path.is_file()).collect();
        files.sort();
        assert!(!files.is_empty(), "{} is empty", folder.display());
        self.seeds.extend(files.iter().filter_map(|file| std::fs::read(file).ok()));
        self
    }

    /// Adds what inputs are made of: names, signs, magic numbers.
    #[must_use]
    pub fn words<S: AsRef<[u8]>>(mut self, words: impl IntoIterator<Item = S>) -> Self {
        self.words.extend(words.into_iter().map(|word| word.as_ref().to_vec()));
        self
    }

    /// How long one input may take; 20 seconds when absent.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Tries one input after the other; `each` answers with a word for what became
    /// of it, such as an error's code.
    ///
    /// # Panics
    /// When the target fails.
    #[expect(clippy::print_stdout, reason = "the count of inputs is what a long run is for")]
    pub fn run(self, mut each: impl FnMut(&[u8]) -> String) {
        if let Some(file) = std::env::var_os("FUZZ_INPUT") {
            let input = std::fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            println!("fuzz {}: {}", self.name, each(&input));
            return;
        }
        let seconds = number("FUZZ_SECONDS").unwrap_or(0.3);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "seeds are small whole numbers")]
        let seed = number("FUZZ_SEED").unwrap_or(1.0) as u64;
        let (mut random, begun) = (Random::new(seed), Instant::now());
        let watch = Watch::start(self.name, self.patience);
        let (mut outcomes, mut inputs) = (HashSet::new(), 0_u64);
        let mut pool = self.seeds.clone();
        assert!(!pool.is_empty(), "a target needs a valid input to begin with");
        let mut memory = None;
        while begun.elapsed().as_secs_f64() < seconds || inputs < self.seeds.len() as u64 {
            let place = usize::try_from(inputs).unwrap_or(usize::MAX);
            // Each seed as it is, first: what is valid must be fine as well.
            let input = match self.seeds.get(place) {
                Some(seed) => seed.clone(),
                None => self.next(&mut random, &pool),
            };
            let failing = Failing::new(self.name, seed, &input);
            watch.begin(&input);
            let outcome = each(&input);
            watch.end();
            failing.fine();
            inputs += 1;
            if outcomes.insert(hashed(&outcome)) && pool.len() < POOL {
                pool.push(input);
            }
            if inputs % LOOK == 0 {
                let now = watch::memory();
                let first = *memory.get_or_insert(now);
                assert!(now < first + GROWTH, "the process has grown from {first} to {now} bytes");
            }
        }
        println!(
            "fuzz {}: {inputs} inputs in {:.1} s, seed {seed}, {} outcomes, {} inputs kept, memory {} MiB",
            self.name,
            begun.elapsed().as_secs_f64(),
            outcomes.len(),
            pool.len(),
            watch::memory() / 1024 / 1024,
        );
    }

    /// Another input, made of those there are.
    fn next(&self, random: &mut Random, pool: &[Vec<u8>]) -> Vec<u8> {
        let mut input = random.pick(pool).clone();
        let changes = 1 + random.below(6);
        if self.form == Form::Json && random.one_in(2) && json::change(random, &mut input, changes) {
            return input;
        }
        for _ in 0..changes {
            mutate::change(random, &mut input, pool, &self.words);
        }
        input.truncate(LONGEST);
        input
    }
}

fn number(variable: &str) -> Option<f64> {
    std::env::var(variable).ok()?.parse().ok()
}

fn hashed(outcome: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    outcome.hash(&mut hasher);
    hasher.finish()
}

/// Changes JSON at random places, leaving it JSON; for targets whose inputs hold
/// some. False when it is none.
pub fn change_json(random: &mut Random, text: &mut Vec<u8>) -> bool {
    let changes = 1 + random.below(4);
    json::change(random, text, changes)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::{Fuzz, Random, mutate};

    #[test]
    fn seeds_come_first_and_unchanged_and_then_others() {
        let mut seen = Vec::new();
        Fuzz::new("own").seeds(["alpha", "beta"]).words(["gamma"]).run(|input| {
            seen.push(input.to_vec());
            input.len().to_string()
        });
        assert_eq!(&seen[..2], [b"alpha".to_vec(), b"beta".to_vec()]);
        assert!(seen.len() > 100 && seen.iter().any(|input| input.windows(5).any(|part| part == b"gamma")));
    }

    #[test]
    fn the_same_seed_makes_the_same_inputs() {
        let make = |seed| {
            let (mut random, pool) = (Random::new(seed), vec![b"{\"a\": [1, 2]}".to_vec()]);
            let mut input = pool[0].clone();
            for _ in 0..50 {
                mutate::change(&mut random, &mut input, &pool, &[]);
            }
            input
        };
        assert_eq!(make(7), make(7));
        assert_ne!(make(7), make(8));
    }

    #[test]
    fn json_stays_json_half_of_the_time() {
        let (valid, all) = (AtomicUsize::new(0), AtomicUsize::new(0));
        Fuzz::json("own_json").seeds([r#"{"name": "x", "list": [1, {"deep": null}]}"#]).run(|input| {
            all.fetch_add(1, Ordering::Relaxed);
            let fine = serde_json::from_slice::<serde_json::Value>(input).is_ok();
            valid.fetch_add(usize::from(fine), Ordering::Relaxed);
            fine.to_string()
        });
        let (valid, all) = (valid.into_inner(), all.into_inner());
        assert!(valid * 10 > all * 3 && valid * 10 < all * 9, "{valid} of {all}");
    }
}
