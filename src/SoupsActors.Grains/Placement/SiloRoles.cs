namespace SoupsActors.Grains.Placement;

/// <summary>What a silo does for the cluster.</summary>
[Flags]
public enum SiloRoles
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Answers HTTP, shows the dashboard, and holds users, feedback and the experts' records.</summary>
    Gateway = 1,

    /// <summary>Holds base and experts on its device and generates.</summary>
    Generator = 2,

    /// <summary>Trains experts on its device.</summary>
    Trainer = 4,

    /// <summary>All of them, as a single process has.</summary>
    All = Gateway | Generator | Trainer,
}

/// <summary>Roles as settings write them.</summary>
public static class SiloRolesText
{
    /// <summary>The roles of a list such as <c>gateway,generator</c>; an empty one means all.</summary>
    /// <exception cref="FormatException">A word is no role; the message names it and those there are.</exception>
    public static SiloRoles Parse(string? text)
    {
        var roles = SiloRoles.None;
        foreach (var word in (text ?? "").Split(
            ',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            roles |= word.ToLowerInvariant() switch
            {
                "gateway" => SiloRoles.Gateway,
                "generator" => SiloRoles.Generator,
                "trainer" => SiloRoles.Trainer,
                _ => throw new FormatException(
                    $"'{word}' is no role. Roles are gateway, generator and trainer, separated by commas."),
            };
        }

        return roles == SiloRoles.None ? SiloRoles.All : roles;
    }

    /// <summary>The list of these roles, lower case, in a fixed order.</summary>
    public static string Format(SiloRoles roles) => string.Join(
        ',',
        ((SiloRoles[])[SiloRoles.Gateway, SiloRoles.Generator, SiloRoles.Trainer])
            .Where(role => roles.HasFlag(role))
            .Select(role => role.ToString().ToLowerInvariant()));
}
