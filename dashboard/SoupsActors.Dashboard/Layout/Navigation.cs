namespace SoupsActors.Dashboard.Layout;

/// <summary>A page of the navigation.</summary>
/// <param name="Path">Its address.</param>
/// <param name="Title">What people call it.</param>
/// <param name="Icon">The path of its icon in a box of 24 by 24.</param>
internal sealed record NavigationItem(string Path, string Title, string Icon);

/// <summary>The pages in the order in which they are listed.</summary>
internal static class Navigation
{
    public static IReadOnlyList<NavigationItem> Items { get; } =
    [
        new("/", "Overview", "M4 13h4v7H4zM10 4h4v16h-4zM16 9h4v11h-4z"),
        new("/experts", "Experts", "M12 3l9 5-9 5-9-5zM3 12l9 5 9-5M3 16l9 5 9-5"),
        new("/users", "Users", "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 21c0-4 4-6 8-6s8 2 8 6"),
        new("/playground", "Playground", "M4 5h16v11H9l-5 4z"),
        new("/training", "Training", "M3 18l6-7 4 4 8-10M21 5v5M21 5h-5"),
        new("/experiments", "Experiments", "M9 3h6M10 3v6L4 20h16L14 9V3M7 15h10"),
        new("/feedback", "Feedback", "M7 20H4V10h3zM7 10l4-7c2 0 3 1 3 3l-1 4h6c1 0 2 1 2 2l-2 6c0 1-1 2-2 2H7"),
        new("/operations", "Operations", "M4 7h9M17 7h3M4 17h3M11 17h9M15 5v4M9 15v4"),
    ];
}
