using SoupsActors.Users;

namespace SoupsActors.Client;

/// <summary>Profiles, preferences, experts and feedback of a silo. Safe for concurrent use; writes are repeated safely.</summary>
public sealed partial class SoupsClient
{
    private readonly SoupsConnection connection;

    internal SoupsClient(SoupsConnection connection)
    {
        this.connection = connection;
        Trainings = new TrainingsClient(connection);
    }

    /// <summary>Trainings of experts.</summary>
    public TrainingsClient Trainings { get; }

    /// <summary>The user's profile, a default one for a user who never wrote.</summary>
    public async Task<VersionedProfile> GetProfileAsync(string user, CancellationToken cancellationToken = default)
    {
        var body = await connection.GetAsync<ProfileBody>(UserPath(user, "/profile"), cancellationToken);
        return new VersionedProfile(body.Profile, body.Etag);
    }

    /// <summary>Replaces the profile.</summary>
    /// <param name="user">The user's id.</param>
    /// <param name="profile">The new profile.</param>
    /// <param name="expectedETag">Only if the profile still has this tag; null writes in any case.</param>
    /// <param name="operationId">Names this write across processes; null draws one that serves the repetitions of this call.</param>
    /// <param name="cancellationToken">Gives up; the write may or may not have happened.</param>
    /// <exception cref="SoupsApiException">The profile is wrong, or the tag is another one.</exception>
    public async Task<VersionedProfile> SetProfileAsync(
        string user,
        SoupProfile profile,
        string? expectedETag = null,
        string? operationId = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(profile);
        var body = await connection.WriteAsync<ProfileBody>(
            HttpMethod.Put, UserPath(user, "/profile"), profile, expectedETag, operationId, cancellationToken);
        return new VersionedProfile(body.Profile, body.Etag);
    }

    /// <summary>Everything that is stored about a user.</summary>
    public async Task<UserExport> ExportAsync(string user, CancellationToken cancellationToken = default)
    {
        var body = await connection.GetAsync<ExportBody>(UserPath(user, "/export"), cancellationToken);
        return new UserExport(body.User, body.Profile, body.Etag, body.History, body.ExportedAt)
        {
            Interactions = body.Interactions ?? [],
            Feedback = body.Feedback ?? [],
        };
    }

    /// <summary>Deletes everything that is stored about a user.</summary>
    public async Task ForgetAsync(string user, string? operationId = null, CancellationToken cancellationToken = default) =>
        await connection.WriteAsync<DeletedBody>(
            HttpMethod.Delete, UserPath(user, ""), null, null, operationId, cancellationToken);

    /// <summary>The preferences to choose from.</summary>
    public async Task<IReadOnlyList<PreferenceInfo>> ListPreferencesAsync(CancellationToken cancellationToken = default) =>
        (await connection.GetAsync<ListBody<PreferenceInfo>>("v1/preferences", cancellationToken)).Data;

    /// <summary>The experts the silo has.</summary>
    public async Task<IReadOnlyList<ExpertInfo>> ListExpertsAsync(CancellationToken cancellationToken = default) =>
        (await connection.GetAsync<ListBody<ExpertInfo>>("v1/experts", cancellationToken)).Data;

    /// <summary>One expert.</summary>
    public Task<ExpertInfo> GetExpertAsync(string id, CancellationToken cancellationToken = default) =>
        connection.GetAsync<ExpertInfo>(ExpertPath(id), cancellationToken);

    /// <summary>Makes a folder below the silo's import directory a new version of an expert.</summary>
    public Task<ExpertInfo> RegisterExpertAsync(
        string id, string folder, string? operationId = null, CancellationToken cancellationToken = default) =>
        connection.WriteAsync<ExpertInfo>(
            HttpMethod.Post, "v1/experts", new { id, path = folder }, null, operationId, cancellationToken);

    /// <summary>Makes a version the current one and keeps it so whatever is published.</summary>
    public Task<ExpertInfo> PinExpertAsync(
        string id, int version, string? operationId = null, CancellationToken cancellationToken = default) =>
        connection.WriteAsync<ExpertInfo>(
            HttpMethod.Post, ExpertPath(id) + "/pin", new { version }, null, operationId, cancellationToken);

    /// <summary>Lifts the pin: the newest version becomes the current one.</summary>
    public Task<ExpertInfo> UnpinExpertAsync(
        string id, string? operationId = null, CancellationToken cancellationToken = default) =>
        connection.WriteAsync<ExpertInfo>(
            HttpMethod.Delete, ExpertPath(id) + "/pin", null, null, operationId, cancellationToken);

    /// <summary>Goes back to the version before the current one and pins it.</summary>
    public Task<ExpertInfo> RollBackExpertAsync(
        string id, string? operationId = null, CancellationToken cancellationToken = default) =>
        connection.WriteAsync<ExpertInfo>(
            HttpMethod.Post, ExpertPath(id) + "/rollback", null, null, operationId, cancellationToken);

    /// <summary>Removes an expert; requests under way end on the version they run on.</summary>
    public async Task RemoveExpertAsync(string id, string? operationId = null, CancellationToken cancellationToken = default) =>
        await connection.WriteAsync<DeletedBody>(
            HttpMethod.Delete, ExpertPath(id), null, null, operationId, cancellationToken);

    /// <summary>What can be named as a model: <c>soup</c>, <c>base</c> and the experts.</summary>
    public async Task<IReadOnlyList<ModelInfo>> ListModelsAsync(CancellationToken cancellationToken = default) =>
        (await connection.GetAsync<ListBody<ModelInfo>>("v1/models", cancellationToken)).Data;

    private static string UserPath(string user, string rest)
    {
        ArgumentException.ThrowIfNullOrEmpty(user);
        return $"v1/users/{Uri.EscapeDataString(user)}{rest}";
    }

    private static string ExpertPath(string id)
    {
        ArgumentException.ThrowIfNullOrEmpty(id);
        return $"v1/experts/{Uri.EscapeDataString(id)}";
    }

    private sealed record ProfileBody(string User, string Etag, SoupProfile Profile);

    private sealed record ExportBody(
        string User, string Etag, SoupProfile Profile, Generation.ChatMessage[] History, DateTimeOffset ExportedAt,
        Feedback.Interaction[]? Interactions, Feedback.StoredFeedback[]? Feedback);

    private sealed record DeletedBody(string Id);

    private sealed record ListBody<T>(T[] Data);
}
