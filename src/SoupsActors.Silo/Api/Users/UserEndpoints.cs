using System.Text.Json;
using SoupsActors.Feedback;
using SoupsActors.Silo.Api.OpenAi;
using SoupsActors.Silo.Http;
using SoupsActors.Users;

namespace SoupsActors.Silo.Api.Users;

/// <summary>/v1/users/{user}: profile, stored conversation, export, forget.</summary>
internal static class UserEndpoints
{
    public static void MapUsers(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/users/{user}").WithAccess(AccessPolicy.Key).WithTags("Users");
        group.MapGet("/profile", GetProfileAsync)
            .WithSummary("The user's profile; its ETag header names its state.");
        group.MapPut("/profile", PutProfileAsync)
            .WithSummary("Replaces the profile. If-Match makes it conditional, Idempotency-Key safe to send again.")
            .Accepts<ProfileFields>("application/json")
            .Produces<ErrorBody>(StatusCodes.Status400BadRequest)
            .Produces<ErrorBody>(StatusCodes.Status409Conflict)
            .Produces<ErrorBody>(StatusCodes.Status412PreconditionFailed);
        group.MapDelete("/profile", DeleteProfileAsync)
            .WithSummary("Puts the profile back to the default.")
            .Produces<ErrorBody>(StatusCodes.Status412PreconditionFailed);
        group.MapGet("/history", GetHistoryAsync).WithSummary("The stored conversation, oldest message first.");
        group.MapDelete("/history", DeleteHistoryAsync).WithSummary("Forgets the stored conversation.");
        group.MapGet("/export", ExportAsync).WithSummary("Everything that is stored about the user.");
        group.MapDelete("", ForgetAsync).WithSummary("Deletes everything that is stored about the user.");
    }

    private static async Task<ProfileBody> GetProfileAsync(HttpContext context, IGrainFactory grains, string user)
    {
        user = UserSegment.Of(context);
        return Body(context, user, await grains.GetGrain<IUserGrain>(user).GetProfile());
    }

    private static async Task<ProfileBody> PutProfileAsync(HttpContext context, IGrainFactory grains, string user)
    {
        user = UserSegment.Of(context);
        var fields = await JsonBody.ReadAsync<ProfileFields>(context);
        var written = await grains.GetGrain<IUserGrain>(user).SetProfile(
            fields.ToProfile(), WriteConditions.ExpectedETag(context), WriteConditions.OperationId(context));
        return Body(context, user, written);
    }

    private static async Task<ProfileBody> DeleteProfileAsync(HttpContext context, IGrainFactory grains, string user)
    {
        user = UserSegment.Of(context);
        var written = await grains.GetGrain<IUserGrain>(user).ResetProfile(
            WriteConditions.ExpectedETag(context), WriteConditions.OperationId(context));
        return Body(context, user, written);
    }

    private static async Task<HistoryBody> GetHistoryAsync(HttpContext context, IGrainFactory grains, string user)
    {
        user = UserSegment.Of(context);
        return new HistoryBody(user, await grains.GetGrain<IUserGrain>(user).GetHistory());
    }

    private static async Task<DeletedBody> DeleteHistoryAsync(HttpContext context, IGrainFactory grains, string user)
    {
        user = UserSegment.Of(context);
        await grains.GetGrain<IUserGrain>(user).ClearHistory(WriteConditions.OperationId(context));
        return new DeletedBody(user, "user.history");
    }

    private static async Task<ExportBody> ExportAsync(HttpContext context, IGrainFactory grains, string user)
    {
        user = UserSegment.Of(context);
        var export = await grains.GetGrain<IUserGrain>(user).Export();
        return new ExportBody(
            export.User,
            export.ETag,
            ProfileFields.From(export.Profile),
            export.History,
            JsonSerializer.SerializeToElement(export.Interactions, FeedbackJson.Options),
            JsonSerializer.SerializeToElement(export.Feedback, FeedbackJson.Options),
            export.ExportedAt);
    }

    private static async Task<DeletedBody> ForgetAsync(HttpContext context, IGrainFactory grains, string user)
    {
        user = UserSegment.Of(context);
        await grains.GetGrain<IUserGrain>(user).Forget(WriteConditions.OperationId(context));
        return new DeletedBody(user, "user");
    }

    private static ProfileBody Body(HttpContext context, string user, VersionedProfile profile)
    {
        WriteConditions.SetETag(context, profile.ETag);
        return new ProfileBody(user, profile.ETag, ProfileFields.From(profile.Profile));
    }
}
