using System.Runtime.InteropServices;
using SQLitePCL;

namespace Mlops.Tracking.Sqlite;

/// <summary>The functions of SQLite that scans call for every row. The usual wrappers count references to the statement at each call, which costs more than the row itself.</summary>
internal static partial class SqliteNative
{
    private const string Library = "e_sqlite3";

    /// <summary>Gets whether this is the library that connections use; a program may have chosen another one before.</summary>
    public static bool IsUsed { get; } = raw.GetNativeLibraryName() == Library;

    [LibraryImport(Library, EntryPoint = "sqlite3_step")]
    internal static partial int Step(nint statement);

    [LibraryImport(Library, EntryPoint = "sqlite3_column_int64")]
    [SuppressGCTransition]
    internal static partial long ColumnInt64(nint statement, int column);

    [LibraryImport(Library, EntryPoint = "sqlite3_column_double")]
    [SuppressGCTransition]
    internal static partial double ColumnDouble(nint statement, int column);
}
