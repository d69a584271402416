namespace Mlops;

/// <summary>Creates identifiers.</summary>
public static class Ids
{
    /// <summary>Creates an identifier of 32 lower-case hexadecimal digits whose order is the order of creation (UUID version 7).</summary>
    /// <param name="timeProvider">The clock.</param>
    /// <returns>The identifier.</returns>
    public static string Create(TimeProvider timeProvider)
    {
        ArgumentNullException.ThrowIfNull(timeProvider);
        return CreateGuid(timeProvider).ToString("N");
    }

    /// <summary>Creates a UUID version 7, whose order is the order of creation.</summary>
    /// <param name="timeProvider">The clock.</param>
    /// <returns>The identifier.</returns>
    public static Guid CreateGuid(TimeProvider timeProvider)
    {
        ArgumentNullException.ThrowIfNull(timeProvider);
#pragma warning disable RS0030 // The one place that makes identifiers.
        return Guid.CreateVersion7(timeProvider.GetUtcNow());
#pragma warning restore RS0030
    }
}
