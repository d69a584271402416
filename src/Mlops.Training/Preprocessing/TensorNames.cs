using System.Globalization;

namespace Mlops.Training;

/// <summary>Gives the tensors of a graph names that nothing else has: a dataset may call its columns as it likes.</summary>
/// <param name="taken">The names that are taken.</param>
internal sealed class TensorNames(IEnumerable<string> taken)
{
    private readonly HashSet<string> _taken = new(taken, StringComparer.Ordinal);

    /// <summary>Takes a name; where it is taken, with a number appended.</summary>
    public string Take(string name)
    {
        var free = name;
        for (var i = 1; !_taken.Add(free); i++) free = string.Create(CultureInfo.InvariantCulture, $"{name}_{i}");
        return free;
    }
}
