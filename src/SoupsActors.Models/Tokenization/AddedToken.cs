namespace SoupsActors.Models.Tokenization;

/// <summary>A token that is found in the text itself, before any splitting or merging.</summary>
/// <param name="Id">Token id.</param>
/// <param name="Content">The text that stands for it.</param>
/// <param name="Special">A control token, which decoding can leave out.</param>
/// <param name="Normalized">Looked for in the normalized text instead of the text as given.</param>
/// <param name="SingleWord">Found only between characters that belong to no word.</param>
/// <param name="LeftStrip">Swallows white space to its left.</param>
/// <param name="RightStrip">Swallows white space to its right.</param>
public sealed record AddedToken(
    int Id,
    string Content,
    bool Special = true,
    bool Normalized = false,
    bool SingleWord = false,
    bool LeftStrip = false,
    bool RightStrip = false)
{
    /// <summary>
    /// Whether the token steers a model rather than being text: a special one, or one in angle or square brackets, such
    /// as
    /// <c>&lt;think&gt;</c>, which some vocabularies do not mark as special. Text of a user must not turn into these.
    /// </summary>
    public bool IsControl => Special || Content is ['<', .., '>'] or ['[', .., ']'];
}
