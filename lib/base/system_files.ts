/**
 * Files that lie in folders of data and are none: what operating systems and browsers leave there.
 *
 * @module
 */

/**
 * Whether a file is an operating system's or an unfinished download: `._*` beside every file that macOS copied to
 * another file system, `.DS_Store`, `Thumbs.db`, `*.part`, `*.crdownload`.
 *
 * @param name Its name, without a folder.
 */
export function isSystemFile(name: string): boolean {
  return /^\._|^\.DS_Store$|^Thumbs\.db$|\.(part|crdownload)$/i.test(name);
}
