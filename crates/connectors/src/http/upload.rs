//! Takes a multipart request apart, its file straight to disk.

use std::path::{Path, PathBuf};

use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Request};
use tokio::io::AsyncWriteExt;

use crate::kernel::{Error, Result};

/// Small parts: kind and mapping.
const LONGEST_TEXT: usize = 256 * 1024;
const LONGEST_NAME: usize = 200;
/// Endings that say how a file is read; every other is dropped.
const ENDINGS: [&str; 8] = ["csv", "tsv", "txt", "xlsx", "xls", "jsonl", "ndjson", "json"];

/// A request's parts. The file is deleted with it unless it is moved away.
pub struct Upload {
    folder: tempfile::TempDir,
    /// As the sender called it, without folders.
    pub file_name: String,
    /// As it lies on disk.
    pub stored_as: String,
    pub kind: Option<String>,
    pub mapping: Option<String>,
}

impl Upload {
    pub fn path(&self) -> PathBuf {
        self.folder.path().join(&self.stored_as)
    }

    /// Moves the file into a folder of its own.
    pub fn move_to(self, folder: &Path) -> Result<()> {
        std::fs::create_dir_all(folder)?;
        std::fs::rename(self.path(), folder.join(&self.stored_as))?;
        Ok(())
    }
}

fn unreadable(e: impl std::fmt::Display) -> Error {
    Error::invalid("connectors.upload_unreadable", format!("the upload cannot be read: {e}"))
}

/// Reads a request into a folder below `uploads`.
pub async fn receive(mut request: Request, uploads: &Path, most_bytes: u64) -> Result<Upload> {
    // The limit is ours, counted while the file is written.
    DefaultBodyLimit::disable().apply(&mut request);
    let mut parts = Multipart::from_request(request, &()).await.map_err(|e| unreadable(e.body_text()))?;
    std::fs::create_dir_all(uploads)?;
    let folder = tempfile::tempdir_in(uploads)?;
    let mut upload = Upload { folder, file_name: String::new(), stored_as: String::new(), kind: None, mapping: None };
    while let Some(mut part) = parts.next_field().await.map_err(|e| unreadable(e.body_text()))? {
        match part.name() {
            Some("file") => {
                upload.file_name = plain_name(part.file_name().unwrap_or("file"));
                upload.stored_as = stored_as(&upload.file_name);
                let mut file = tokio::fs::File::create(upload.path()).await?;
                let mut bytes = 0;
                while let Some(chunk) = part.chunk().await.map_err(|e| unreadable(e.body_text()))? {
                    bytes += chunk.len() as u64;
                    if bytes > most_bytes {
                        return Err(Error::invalid("connectors.file_too_large", format!("the file has more than {most_bytes} bytes; use `weft import` on the machine itself")).param("most", most_bytes));
                    }
                    file.write_all(&chunk).await?;
                }
                file.sync_data().await?;
            }
            Some("kind") => upload.kind = Some(text(&mut part).await?),
            Some("mapping") => upload.mapping = Some(text(&mut part).await?),
            _ => {}
        }
    }
    if upload.stored_as.is_empty() {
        return Err(Error::invalid("connectors.file_missing", "the request has no part \"file\"").field("file", "missing"));
    }
    Ok(upload)
}

async fn text(part: &mut axum::extract::multipart::Field<'_>) -> Result<String> {
    let mut bytes = Vec::new();
    while let Some(chunk) = part.chunk().await.map_err(|e| unreadable(e.body_text()))? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > LONGEST_TEXT {
            return Err(unreadable("a part is too long"));
        }
    }
    String::from_utf8(bytes).map_err(|_| unreadable("a part is not UTF-8"))
}

/// The last piece of whatever path the sender gave, without control characters.
fn plain_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain: String = last.chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect();
    if plain.trim().is_empty() { "file".to_owned() } else { plain }
}

/// Nothing of the sender's name but a known ending.
fn stored_as(name: &str) -> String {
    let name = name.to_lowercase();
    let (name, packed) = name.strip_suffix(".gz").map_or((name.as_str(), ""), |rest| (rest, ".gz"));
    let ending = ENDINGS.into_iter().find(|e| name.ends_with(&format!(".{e}"))).unwrap_or("txt");
    format!("upload.{ending}{packed}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_lead_anywhere() {
        assert_eq!(plain_name("../../etc/passwd"), "passwd");
        assert_eq!(plain_name("C:\\orders\\订单.xlsx"), "订单.xlsx");
        assert_eq!(plain_name("a\n\"b.csv"), "a\"b.csv");
        assert_eq!(plain_name("x/"), "file");
        assert_eq!(stored_as("订单.XLSX"), "upload.xlsx");
        assert_eq!(stored_as("a.csv.gz"), "upload.csv.gz");
        assert_eq!(stored_as("a.exe"), "upload.txt");
    }
}
