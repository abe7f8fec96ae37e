use std::io::Read as _;

use sparkbot_store::seal::{MasterKey, Sealer};

use super::{End, Manifest, Part, Reader, Writer};

fn written(folder: &std::path::Path, sealer: &Sealer) -> std::path::PathBuf {
    let file = folder.join("b.tar.gz");
    let manifest = Manifest::new(sealer, "2026-11-23T00:00:00.000Z".to_owned(), 3, &[]).unwrap();
    let mut writer = Writer::create(&file, &manifest).unwrap();
    writer.rows("accounts", b"[1]\n[2]\n").unwrap();
    let blob = folder.join("blob");
    std::fs::write(&blob, b"bytes of a file").unwrap();
    writer.blob("files/a/b", std::fs::File::open(&blob).unwrap()).unwrap();
    assert!(!file.exists(), "not under its name before it is whole");
    writer.finish(&End { files: 1, ..End::default() }).unwrap();
    file
}

#[test]
fn what_was_written_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let key = MasterKey::random();
    let sealer = Sealer::new(&key, &[]);
    let file = written(folder.path(), &sealer);
    let mut reader = Reader::open(&file).unwrap();
    let (manifest, mut parts) = reader.begin().unwrap();
    assert_eq!(manifest.schema, 3);
    manifest.check_key(&sealer).unwrap();
    let other = manifest.check_key(&Sealer::new(&MasterKey::random(), &[])).unwrap_err();
    assert!(other.advice().unwrap().contains("master.key"));
    assert!(
        matches!(parts.next().unwrap(), Some(Part::Rows(table, rows)) if table == "accounts" && rows == b"[1]\n[2]\n")
    );
    let Some(Part::Blob(blob, mut bytes)) = parts.next().unwrap() else { panic!("a blob") };
    let mut text = String::new();
    bytes.read_to_string(&mut text).unwrap();
    assert_eq!((blob.as_str(), text.as_str()), ("files/a/b", "bytes of a file"));
    assert!(matches!(parts.next().unwrap(), Some(Part::End(end)) if end.files == 1));
    assert!(parts.next().unwrap().is_none());
    let again = Writer::create(&file, &manifest).err().unwrap();
    assert!(again.message().contains("already"), "{}", again.message());
}

#[cfg(unix)]
#[test]
fn others_on_the_machine_can_not_read_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let file = written(folder.path(), &Sealer::new(&MasterKey::random(), &[]));
    assert_eq!(std::fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn one_that_breaks_off_is_refused_wherever_it_does() {
    let folder = tempfile::tempdir().unwrap();
    let file = written(folder.path(), &Sealer::new(&MasterKey::random(), &[]));
    let whole = std::fs::read(&file).unwrap();
    // The last bytes are the tar's padding and gzip's own sum.
    for length in (0..whole.len() - 40).step_by(7) {
        let torn = folder.path().join("torn");
        std::fs::write(&torn, &whole[..length]).unwrap();
        assert!(read_all(&torn).is_err(), "the first {length} of {} bytes", whole.len());
    }
    read_all(&file).unwrap();
}

fn read_all(file: &std::path::Path) -> crate::failure::Result<()> {
    let mut reader = Reader::open(file)?;
    let (_, mut parts) = reader.begin()?;
    while let Some(part) = parts.next()? {
        if let Part::Blob(_, mut bytes) = part {
            let size = bytes.size();
            let read = std::io::copy(&mut bytes, &mut std::io::sink()).map_err(super::torn)?;
            if read != size {
                return Err(super::torn("a file breaks off"));
            }
        }
    }
    Ok(())
}

/// A tar as it is before it is packed.
fn tar(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (name, content) in entries {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o600);
        // Names that the builder itself refuses are written into the header by hand.
        let field = &mut header.as_old_mut().name;
        field[..name.len()].copy_from_slice(name.as_bytes());
        header.set_cksum();
        tar.append(&header, *content).unwrap();
    }
    tar.into_inner().unwrap()
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut packer, bytes).unwrap();
    packer.finish().unwrap()
}

fn manifest() -> Vec<u8> {
    let sealer = Sealer::new(&MasterKey::random(), &[]);
    serde_json::to_vec(&Manifest::new(&sealer, "2026-11-23T00:00:00.000Z".to_owned(), 3, &[]).unwrap()).unwrap()
}

#[test]
fn a_small_file_that_unpacks_to_a_large_entry_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bomb.tar.gz");
    // 300 MiB of nothing.
    let rows = vec![0; 300 * 1024 * 1024];
    std::fs::write(&file, packed(&tar(&[("manifest.json", &manifest()), ("tables/accounts/1.jsonl", &rows)]))).unwrap();
    assert!(std::fs::metadata(&file).unwrap().len() < 4 * 1024 * 1024);
    let refused = read_all(&file).unwrap_err();
    assert!(refused.message().contains("too large"), "{}", refused.message());
}

#[test]
fn fuzz_backup_archives() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("b.tar.gz");
    let end = serde_json::to_vec(&End { files: 1, ..End::default() }).unwrap();
    let manifest = manifest();
    let whole: &[(&str, &[u8])] = &[
        ("manifest.json", &manifest),
        ("tables/accounts/1.jsonl", b"[1]\n[2]\n"),
        ("blobs/files/a/b", b"bytes of a file"),
        ("end.json", &end),
    ];
    let seeds = [tar(whole), tar(&[("manifest.json", &manifest), ("blobs/../../x", b"x"), ("/etc/passwd", b"x")])];
    let words = ["manifest.json", "tables/", "blobs/", "end.json", "../", "ustar", "00000000777", "\0\0\0\0"];
    sparkbot_fuzz::Fuzz::new("backup_archives").seeds(seeds).words(words).run(|input| {
        std::fs::write(&file, packed(input)).unwrap();
        match read_all(&file) {
            Ok(()) => "whole".to_owned(),
            Err(failure) => failure.message().chars().filter(|c| !c.is_ascii_digit()).take(60).collect(),
        }
    });
}
