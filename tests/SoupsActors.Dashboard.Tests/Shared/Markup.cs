using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using SoupsActors.Dashboard.Data;
using SoupsActors.Dashboard.Shared;
using SoupsActors.Testing;

namespace SoupsActors.Dashboard.Tests.Shared;

/// <summary>Draws a component without a browser.</summary>
internal static class Markup
{
    /// <summary>The HTML of a component with these parameters.</summary>
    public static async Task<string> OfAsync<T>(params (string Name, object? Value)[] parameters)
        where T : IComponent
    {
        var services = new ServiceCollection()
            .AddSingleton<TimeProvider>(new ManualTimeProvider())
            .AddSingleton<MinuteClock>()
            .AddSingleton<PageVisibility>();
        await using var provider = services.BuildServiceProvider();
        await using var renderer = new HtmlRenderer(provider, NullLoggerFactory.Instance);
        var values = ParameterView.FromDictionary(parameters.ToDictionary(p => p.Name, p => p.Value));
        return await renderer.Dispatcher.InvokeAsync(
            async () => (await renderer.RenderComponentAsync<T>(values)).ToHtmlString());
    }
}
