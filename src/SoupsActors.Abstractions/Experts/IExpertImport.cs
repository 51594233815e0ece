namespace SoupsActors.Experts;

/// <summary>
/// Registers experts from folders on this machine. A service of the server rather than a grain, for the folder lies
/// where the request arrives.
/// </summary>
public interface IExpertImport
{
    /// <summary>Whether there is a directory that may be read.</summary>
    bool IsEnabled { get; }

    /// <summary>Folders that look like adapters, as paths below that directory; a few hundred at most.</summary>
    IReadOnlyList<string> Folders();

    /// <summary>Copies a folder in, checks it, and publishes it as an expert or as its next version.</summary>
    /// <param name="id">The expert's id.</param>
    /// <param name="path">The folder, relative to the directory that may be read.</param>
    /// <param name="operationId">Names this write; a retry after a time-out carries the same id.</param>
    /// <param name="cancellationToken">Ends the copying.</param>
    /// <exception cref="SoupsException">Id or path are wrong, or the folder is damaged or of another base.</exception>
    Task<ExpertDescriptor> RegisterAsync(
        string? id, string? path, string operationId, CancellationToken cancellationToken = default);
}
