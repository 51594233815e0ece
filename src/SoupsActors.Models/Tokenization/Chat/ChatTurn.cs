namespace SoupsActors.Models.Tokenization.Chat;

/// <summary>One message of a conversation.</summary>
/// <param name="Role">"system", "user" or "assistant".</param>
/// <param name="Content">What was said.</param>
public sealed record ChatTurn(string Role, string Content);

/// <summary>What a piece of a rendered conversation is.</summary>
public enum ChatPieceKind
{
    /// <summary>Text, encoded without recognising control tokens.</summary>
    Text,

    /// <summary>A control token by its text; the tokenizer must have it.</summary>
    Token,

    /// <summary>
    /// A role marker: the control token of that text where the tokenizer has one, otherwise plain text.
    /// </summary>
    Marker,

    /// <summary>The tokenizer's beginning-of-sequence token; nothing where it has none.</summary>
    Begin,

    /// <summary>The tokenizer's end-of-sequence token; it must have one.</summary>
    End,
}

/// <summary>A piece of a rendered conversation.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">Its text; empty for the beginning and the end token.</param>
public readonly record struct ChatPiece(ChatPieceKind Kind, string Text)
{
    internal static ChatPiece Begin { get; } = new(ChatPieceKind.Begin, "");

    internal static ChatPiece End { get; } = new(ChatPieceKind.End, "");

    internal static ChatPiece Token(string text) => new(ChatPieceKind.Token, text);

    internal static ChatPiece Marker(string text) => new(ChatPieceKind.Marker, text);

    internal static ChatPiece Plain(string text) => new(ChatPieceKind.Text, text);
}
