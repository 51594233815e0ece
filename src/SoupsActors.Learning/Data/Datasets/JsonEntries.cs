using System.Buffers;

namespace SoupsActors.Learning.Data.Datasets;

/// <summary>An entry of a file as it stands there.</summary>
/// <param name="Line">Line where it begins, from 1.</param>
/// <param name="Utf8">Its bytes; empty where there is a problem.</param>
/// <param name="Problem">Why it cannot be read, or null.</param>
internal readonly record struct JsonEntry(long Line, byte[] Utf8, string? Problem = null);

/// <summary>
/// Cuts a stream into entries: one a line (JSON Lines), or the elements of one list. Holds one entry at a time, whatever
/// the size of the file, and looks at brackets and quotes only.
/// </summary>
internal sealed class JsonEntries(int maxEntryBytes)
{
    private const byte NewLine = (byte)'\n';
    private static readonly byte[] ByteOrderMark = [0xEF, 0xBB, 0xBF];

    private readonly ArrayBufferWriter<byte> entry = new();
    private Mode mode;
    private long line = 1;
    private long startLine = 1;
    private long length;
    private int depth;
    private bool inString;
    private bool escaped;
    private int marked;

    private enum Mode
    {
        Start,
        Lines,
        BetweenElements,
        Element,
        AfterList,
        Broken,
    }

    /// <summary>Takes the next bytes and adds the entries that they complete.</summary>
    public void Feed(ReadOnlySpan<byte> bytes, List<JsonEntry> entries)
    {
        for (var i = 0; i < bytes.Length; i++)
        {
            if (mode == Mode.Lines)
            {
                // Most of a file are long lines; they are copied in one piece.
                var end = bytes[i..].IndexOf(NewLine);
                Append(end < 0 ? bytes[i..] : bytes.Slice(i, end));
                if (end < 0)
                    return;
                i += end;
                Complete(entries);
                line++;
                startLine = line;
                continue;
            }

            Step(bytes[i], entries);
            if (bytes[i] == NewLine)
                line++;
        }
    }

    /// <summary>Says that nothing follows.</summary>
    public void Finish(List<JsonEntry> entries)
    {
        if (mode == Mode.Lines)
            Complete(entries);
        else if (mode is Mode.BetweenElements or Mode.Element)
            entries.Add(new JsonEntry(startLine, [], "the file ends inside of the list; it seems to be cut off"));
    }

    private void Step(byte b, List<JsonEntry> entries)
    {
        switch (mode)
        {
            case Mode.Start when marked < 3 && b == ByteOrderMark[marked]:
                marked++;
                break;
            case Mode.Start when IsSpace(b):
                startLine = b == NewLine ? line + 1 : line;
                break;
            case Mode.Start when b == '[':
                mode = Mode.BetweenElements;
                break;
            case Mode.Start:
                mode = Mode.Lines;
                startLine = line;
                Append([b]);
                break;
            case Mode.BetweenElements when b == ']':
                mode = Mode.AfterList;
                break;
            case Mode.BetweenElements when !IsSpace(b) && b != ',':
                mode = Mode.Element;
                startLine = line;
                InElement(b, entries);
                break;
            case Mode.Element:
                InElement(b, entries);
                break;
            case Mode.AfterList when !IsSpace(b):
                entries.Add(new JsonEntry(line, [], "text follows after the end of the list"));
                mode = Mode.Broken;
                break;
        }
    }

    private void InElement(byte b, List<JsonEntry> entries)
    {
        if (depth == 0 && !inString && b is (byte)',' or (byte)']')
        {
            // The end of a number or a word, which no data set has as an entry; the reader will say so.
            Complete(entries);
            mode = b == ']' ? Mode.AfterList : Mode.BetweenElements;
            return;
        }

        Append([b]);
        if (inString)
        {
            inString = escaped || b != '"';
            escaped = !escaped && b == '\\';
        }
        else if (b == '"')
        {
            inString = true;
        }
        else if (b is (byte)'{' or (byte)'[')
        {
            depth++;
        }
        else if (b is (byte)'}' or (byte)']' && --depth <= 0)
        {
            Complete(entries);
            mode = Mode.BetweenElements;
        }
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        length += bytes.Length;
        if (length <= maxEntryBytes)
            entry.Write(bytes);
    }

    private void Complete(List<JsonEntry> entries)
    {
        if (length > maxEntryBytes)
            entries.Add(new JsonEntry(startLine, [], $"has {length} bytes; at most {maxEntryBytes} are read"));
        else if (entry.WrittenSpan.ContainsAnyExcept(" \t\r\n"u8))
            entries.Add(new JsonEntry(startLine, entry.WrittenSpan.ToArray()));
        entry.ResetWrittenCount();
        length = 0;
        depth = 0;
        inString = false;
        escaped = false;
    }

    private static bool IsSpace(byte b) => b is (byte)' ' or (byte)'\t' or (byte)'\r' or NewLine;
}
