namespace SoupsActors.Grains.Experts;

/// <summary>The weights of experts on this machine's disk, by content hash.</summary>
public interface IExpertFiles
{
    /// <summary>
    /// Makes sure that the weights of this content lie here, checked; those that do not are fetched from wherever the
    /// host knows them to be. Callers who ask for the same content at once share one transfer.
    /// </summary>
    /// <param name="hash">Content hash of an expert's version.</param>
    /// <param name="cancellationToken">Ends the waiting, not a transfer that others wait for.</param>
    /// <returns>The folder, in PEFT's format.</returns>
    /// <exception cref="SoupsException">Nobody within reach has them, or what they have is damaged.</exception>
    Task<string> EnsureAsync(string hash, CancellationToken cancellationToken = default);
}
