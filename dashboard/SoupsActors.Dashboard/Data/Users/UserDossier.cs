using SoupsActors.Dashboard.Data.Mixes;
using SoupsActors.Feedback;
using SoupsActors.Generation;
using SoupsActors.Judging;
using SoupsActors.Preferences;
using SoupsActors.Users;

namespace SoupsActors.Dashboard.Data.Users;

/// <summary>All there is to see about one user.</summary>
public sealed record UserDossier
{
    /// <summary>The user's id.</summary>
    public required string Id { get; init; }

    /// <summary>The profile with its tag.</summary>
    public required VersionedProfile Profile { get; init; }

    /// <summary>The catalogue.</summary>
    public required IReadOnlyList<MixDimension> Dimensions { get; init; }

    /// <summary>Answers that are kept, newest first.</summary>
    public required IReadOnlyList<Interaction> Answers { get; init; }

    /// <summary>What the user said, newest first; at most <see cref="UserDossiers.MostFeedback"/>.</summary>
    public required IReadOnlyList<StoredFeedback> Feedback { get; init; }

    /// <summary>How much the user said in all.</summary>
    public required long FeedbackCount { get; init; }

    /// <summary>The stored conversation, oldest message first.</summary>
    public required IReadOnlyList<ChatMessage> Conversation { get; init; }

    /// <summary>What the feedback says about each preference.</summary>
    public required MixEvidence Evidence { get; init; }

    /// <summary>Whether anything is stored at all.</summary>
    public bool IsKnown => Profile.ETag != "0" || Answers.Count + FeedbackCount + Conversation.Count > 0;
}

/// <summary>Opens dossiers.</summary>
public sealed class UserDossiers(IGrainFactory grains)
{
    /// <summary>Most events that are read; a page shows no more, however long a history is.</summary>
    public const int MostFeedback = 200;

    private const int JudgedPairs = 60;

    // Of a long history the newest part tells what is wanted now.
    private static readonly FeedbackFilter Overall = new() { Kind = FeedbackKinds.Pair, Preference = "" };

    /// <summary>Reads everything about a user.</summary>
    /// <exception cref="SoupsException">The text is not a user id.</exception>
    public async Task<UserDossier> ReadAsync(string? id)
    {
        var user = grains.GetGrain<IUserGrain>(Identifiers.RequireUser(id));
        var feedbackGrain = grains.GetGrain<IFeedbackGrain>(id!);
        var profile = user.GetProfile();
        var history = user.GetHistory();
        var interactions = feedbackGrain.ListInteractions();
        var preferences = await grains.GetGrain<IPreferenceCatalogGrain>(IPreferenceCatalogGrain.Key).List();
        var feedback = feedbackGrain.Newest(MostFeedback);
        var count = feedbackGrain.Count();
        var pairs = await feedbackGrain.Newest(JudgedPairs, Overall);
        return new UserDossier
        {
            Id = id!,
            Profile = await profile,
            Dimensions = MixDimension.Of(preferences),
            Answers = [.. (await interactions).Reverse()],
            Feedback = await feedback,
            FeedbackCount = await count,
            Conversation = await history,
            Evidence = await JudgeAsync(pairs, preferences),
        };
    }

    private async Task<MixEvidence> JudgeAsync(StoredFeedback[] feedback, Preference[] preferences)
    {
        var pairs = feedback.Select(f => f.Texts()).Where(t => t.Answers is [not null, not null]).ToArray();
        var critic = grains.GetGrain<ICriticGrain>(0);
        var scored = await Task.WhenAll(pairs.Select(async pair =>
        {
            var prompt = pair.Prompt is [.., var last] ? last.Content : "";
            var chosen = critic.Score(prompt, pair.Answers[0]!);
            var rejected = critic.Score(prompt, pair.Answers[1]!);
            return (Chosen: await chosen, Rejected: await rejected);
        }));
        return MixEvidence.Weigh(scored, preferences);
    }
}
