namespace Mlops.Tracking;

/// <summary>A part of what a search found.</summary>
/// <typeparam name="T">What was searched for.</typeparam>
/// <param name="Items">What was found.</param>
/// <param name="NextPageToken">What to give the same query to get what follows; <see langword="null"/> when nothing does.</param>
/// <remarks>
/// A token stands for a place in the order, not for a count, so things that are added meanwhile do not shift the pages. It belongs to its query: given to another one, it is
/// refused with <see cref="ArgumentException"/>.
/// </remarks>
public sealed record Page<T>(IReadOnlyList<T> Items, string? NextPageToken)
{
    /// <summary>Describes the page in one line, in the invariant culture, without what is on it.</summary>
    /// <returns>The description: <c>100 items, and more follow</c>.</returns>
    public override string ToString()
        => $"{Wording.Count(Items.Count, "item")}{(NextPageToken is null ? "" : ", and more follow")}";
}
