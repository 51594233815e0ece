using System.Net;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using SoupsActors.Trainings;

namespace SoupsActors.Client;

/// <summary>Trainings of a silo; <see cref="SoupsClient.Trainings"/> gives one.</summary>
public sealed class TrainingsClient
{
    private readonly SoupsConnection connection;

    internal TrainingsClient(SoupsConnection connection) => this.connection = connection;

    /// <summary>The newest training of every preference that had one.</summary>
    public async Task<IReadOnlyList<TrainingStatus>> ListAsync(CancellationToken cancellationToken = default) =>
        (await connection.GetAsync<ListBody>("v1/trainings", cancellationToken)).Data;

    /// <summary>The newest training of a preference.</summary>
    /// <exception cref="SoupsApiException">There was none.</exception>
    public Task<TrainingStatus> GetAsync(string preference, CancellationToken cancellationToken = default) =>
        connection.GetAsync<TrainingStatus>(Path(preference), cancellationToken);

    /// <summary>Starts a training.</summary>
    /// <param name="preference">The preference whose expert gets a new version.</param>
    /// <param name="settings">What it is to do; null for the silo's defaults.</param>
    /// <param name="operationId">
    /// Names the start across processes; null draws one that serves the repetitions of this call.
    /// </param>
    /// <param name="cancellationToken">Gives up; the training may or may not have been started.</param>
    /// <exception cref="SoupsApiException">
    /// There is too little feedback, a setting is wrong, or a training runs.
    /// </exception>
    public Task<TrainingStatus> StartAsync(
        string preference,
        TrainingSettings? settings = null,
        string? operationId = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(preference);
        var body = JsonSerializer.SerializeToNode(settings ?? new TrainingSettings(), SoupsConnection.Json)!.AsObject();
        body["preference"] = preference;
        return connection.WriteAsync<TrainingStatus>(
            HttpMethod.Post, "v1/trainings", body, null, operationId, cancellationToken);
    }

    /// <summary>Stops the work until it is resumed.</summary>
    public Task<TrainingStatus> PauseAsync(
        string preference, string? operationId = null, CancellationToken cancellationToken = default) =>
        PostAsync(preference, "pause", operationId, cancellationToken);

    /// <summary>Goes on with a paused training, or tries again with a failed one.</summary>
    public Task<TrainingStatus> ResumeAsync(
        string preference, string? operationId = null, CancellationToken cancellationToken = default) =>
        PostAsync(preference, "resume", operationId, cancellationToken);

    /// <summary>Ends a training; nothing is published.</summary>
    public Task<TrainingStatus> CancelAsync(
        string preference, string? operationId = null, CancellationToken cancellationToken = default) =>
        PostAsync(preference, "cancel", operationId, cancellationToken);

    /// <summary>The training as it is, and everything that happens from now on to its end.</summary>
    /// <exception cref="SoupsApiException">There was no training, or the stream broke off before its end.</exception>
    public async IAsyncEnumerable<TrainingNews> WatchAsync(
        string preference, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var http = await connection.GetStreamAsync(Path(preference) + "/events", cancellationToken);
        await using var stream = await http.Content.ReadAsStreamAsync(cancellationToken);
        await foreach (var item in SseParser.Create(stream).EnumerateAsync(cancellationToken))
        {
            if (item.Data == "[DONE]")
                yield break;
            if (JsonNode.Parse(item.Data)?["error"]?["message"] is { } message)
                throw new SoupsApiException(HttpStatusCode.InternalServerError, (string)message!);
            yield return JsonSerializer.Deserialize<TrainingNews>(item.Data, SoupsConnection.Json)!;
        }

        throw new SoupsApiException(
            HttpStatusCode.BadGateway, "The stream broke off; the training goes on. Watch it again.", "stream_broken");
    }

    /// <summary>What the newest training of a preference has measured, as JSON lines.</summary>
    public async Task<string> ReadMetricsAsync(string preference, CancellationToken cancellationToken = default)
    {
        using var http = await connection.GetStreamAsync(Path(preference) + "/metrics", cancellationToken);
        return await http.Content.ReadAsStringAsync(cancellationToken);
    }

    private Task<TrainingStatus> PostAsync(
        string preference, string verb, string? operationId, CancellationToken cancellationToken) =>
        connection.WriteAsync<TrainingStatus>(
            HttpMethod.Post, $"{Path(preference)}/{verb}", null, null, operationId, cancellationToken);

    private static string Path(string preference)
    {
        ArgumentException.ThrowIfNullOrEmpty(preference);
        return $"v1/trainings/{Uri.EscapeDataString(preference)}";
    }

    private sealed record ListBody(TrainingStatus[] Data);
}
