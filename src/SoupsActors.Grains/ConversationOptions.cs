namespace SoupsActors.Grains;

/// <summary>Defaults about stored conversations.</summary>
public sealed class ConversationOptions
{
    /// <summary>Messages kept of a stored conversation where the profile does not say; 0 to 1000.</summary>
    public int HistoryLimit { get; set; } = 20;
}
