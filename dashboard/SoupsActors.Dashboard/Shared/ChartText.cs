using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;

namespace SoupsActors.Dashboard.Shared;

/// <summary>A text in a drawing; Razor keeps the element's name for itself.</summary>
public sealed class ChartText : ComponentBase
{
    /// <summary>Place from the left.</summary>
    [Parameter, EditorRequired]
    public double X { get; set; }

    /// <summary>Place of the base line from the top.</summary>
    [Parameter, EditorRequired]
    public double Y { get; set; }

    /// <summary><c>start</c>, <c>middle</c> or <c>end</c> of the text lies at <see cref="X"/>.</summary>
    [Parameter]
    public string Anchor { get; set; } = "start";

    /// <summary>The text.</summary>
    [Parameter, EditorRequired]
    public string Text { get; set; } = "";

    /// <summary>Class of the element.</summary>
    [Parameter]
    public string Class { get; set; } = "tick";

    /// <inheritdoc/>
    protected override void BuildRenderTree(RenderTreeBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.OpenElement(0, "text");
        builder.AddAttribute(1, "class", Class);
        builder.AddAttribute(2, "x", X.ToString("0.##", CultureInfo.InvariantCulture));
        builder.AddAttribute(3, "y", Y.ToString("0.##", CultureInfo.InvariantCulture));
        builder.AddAttribute(4, "text-anchor", Anchor);
        builder.AddContent(5, Text);
        builder.CloseElement();
    }
}
