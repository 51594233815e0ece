using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;
using Microsoft.Extensions.Logging;

namespace SoupsActors.Dashboard.Shared;

/// <summary>Keeps a failure inside its page: says what went wrong and offers to try again.</summary>
public sealed partial class PageBoundary : ErrorBoundaryBase
{
    [Inject]
    private ILogger<PageBoundary> Logger { get; set; } = null!;

    /// <inheritdoc/>
    protected override Task OnErrorAsync(Exception exception)
    {
        if (exception is not SoupsException)
            LogFailure(Logger, exception);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    protected override void BuildRenderTree(RenderTreeBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (CurrentException is null)
        {
            builder.AddContent(0, ChildContent);
            return;
        }

        builder.OpenComponent<Problem>(1);
        builder.AddComponentParameter(2, nameof(Problem.Title), "This page could not be shown");
        builder.AddComponentParameter(3, nameof(Problem.Message), Failures.Explain(CurrentException));
        builder.AddComponentParameter(4, nameof(Problem.Retry), EventCallback.Factory.Create(this, Recover));
        builder.CloseComponent();
    }

    [LoggerMessage(LogLevel.Error, "A page of the dashboard failed.")]
    private static partial void LogFailure(ILogger logger, Exception error);
}
