using System.Runtime.CompilerServices;

namespace Mlops.AotTest;

/// <summary>What must hold.</summary>
internal static class Check
{
    public static void That(bool holds, string? found = null, [CallerArgumentExpression(nameof(holds))] string expression = "")
    {
        if (!holds) throw new InvalidOperationException(found is null ? expression : $"{expression}: {found}");
    }
}
