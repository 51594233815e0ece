using System.Text.Json;

namespace SoupsActors.Models.Files;

/// <summary>
/// Writes a file so that a reader or a crash sees the old content or the new, never a part: a temporary file beside it,
/// flushed to disk, then renamed over it.
/// </summary>
public static class AtomicFile
{
    /// <summary>Writes what the callback writes.</summary>
    public static void Write(string path, Action<Stream> write)
    {
        var full = Path.GetFullPath(path);
        var folder = Path.GetDirectoryName(full)
            ?? throw new ArgumentException($"'{path}' names no file.", nameof(path));
        Directory.CreateDirectory(folder);
        var temporary = Path.Combine(folder, $".{Path.GetFileName(full)}.{Guid.NewGuid():n}.tmp");
        try
        {
            using (var stream = new FileStream(
                temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, full, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Writes the bytes.</summary>
    public static void Write(string path, ReadOnlyMemory<byte> content) =>
        Write(path, stream => stream.Write(content.Span));

    /// <summary>Writes one JSON object, indented; the callback writes its properties.</summary>
    public static void WriteJson(string path, Action<Utf8JsonWriter> writeProperties) => Write(path, stream =>
    {
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, NewLine = "\n" });
        json.WriteStartObject();
        writeProperties(json);
        json.WriteEndObject();
    });
}
