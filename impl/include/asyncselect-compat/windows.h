/* Compat header <windows.h>: as much of the Windows SDK's header of that name as a program with message-only windows
 * and a message loop uses, so that it compiles unmodified on Linux. It declares the Windows names as names of the
 * library's prefixed symbols (assembler labels), and knows the types' widths on Windows: DWORD, LONG and ULONG have 32
 * bits. It must not know the system's socket headers. Macros are unavoidable here: the Windows names are macros there.
 *
 * What differs from the SDK: WCHAR is wchar_t and so has 32 bits; `long` has 64. min and max are defined for C only
 * (and not with NOMINMAX). WIN32_LEAN_AND_MEAN leaves <winsock2.h> out; including that later is possible in any order.
 */
#ifndef ASYNCSELECT_COMPAT_WINDOWS_H
#define ASYNCSELECT_COMPAT_WINDOWS_H

#ifdef _WIN32
#error "asyncselect-compat stands in for the Windows SDK: on Windows use the SDK's own headers."
#endif

#include <asyncselect/asyncselect.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>
#include <wchar.h>

/* ---- calling conventions and annotations: nothing here ---- */

#define CALLBACK
#define WINAPI
#define WINAPIV
#define APIENTRY
#define APIPRIVATE
#define PASCAL
#define CDECL
#define __cdecl
#define __stdcall
#define __fastcall
#define FAR
#define NEAR
#define far
#define near
#define IN
#define OUT
#define OPTIONAL
#define _In_
#define _In_opt_
#define _Out_
#define _Out_opt_
#define _Inout_
#define _Inout_opt_
#define CONST const
#define VOID void
#define DECLSPEC_IMPORT
#define WINUSERAPI
#define WINBASEAPI

/* ---- types ---- */

#ifndef __int64
#define __int64 long long
#endif

typedef char CHAR, *PCHAR, *LPCH, *PCH;
typedef char *PSTR, *LPSTR, *NPSTR;
typedef const char *PCSTR, *LPCSTR, *LPCCH, *PCCH;
typedef signed char INT8, *PINT8;
typedef unsigned char UCHAR, *PUCHAR, BYTE, *PBYTE, *LPBYTE, UINT8, *PUINT8, BOOLEAN, *PBOOLEAN;
typedef wchar_t WCHAR, *PWCHAR, *LPWCH, *PWCH;
typedef wchar_t *PWSTR, *LPWSTR, *NWPSTR;
typedef const wchar_t *PCWSTR, *LPCWSTR, *LPCWCH, *PCWCH;
typedef short SHORT, *PSHORT;
typedef int16_t INT16, *PINT16;
typedef unsigned short USHORT, *PUSHORT, WORD, *PWORD, *LPWORD, ATOM;
typedef uint16_t UINT16, *PUINT16;
typedef int INT, *PINT, *LPINT, BOOL, *PBOOL, *LPBOOL;
typedef unsigned int UINT, *PUINT, *LPUINT;
typedef int32_t LONG, *PLONG, *LPLONG, LONG32, *PLONG32, INT32, *PINT32, HRESULT;
typedef uint32_t ULONG, *PULONG, ULONG32, *PULONG32, DWORD, *PDWORD, *LPDWORD, DWORD32, *PDWORD32, UINT32, *PUINT32;
typedef int64_t LONG64, *PLONG64, INT64, *PINT64, LONGLONG, *PLONGLONG;
typedef uint64_t ULONG64, *PULONG64, DWORD64, *PDWORD64, UINT64, *PUINT64, ULONGLONG, *PULONGLONG, DWORDLONG,
    *PDWORDLONG;
typedef float FLOAT, *PFLOAT;
typedef double DOUBLE;
typedef intptr_t INT_PTR, *PINT_PTR, LONG_PTR, *PLONG_PTR, SSIZE_T, *PSSIZE_T, LPARAM, LRESULT;
typedef uintptr_t UINT_PTR, *PUINT_PTR, ULONG_PTR, *PULONG_PTR, DWORD_PTR, *PDWORD_PTR, SIZE_T, *PSIZE_T, WPARAM;
typedef void *PVOID, *LPVOID;
typedef const void *PCVOID, *LPCVOID;

#ifdef UNICODE
typedef WCHAR TCHAR, *PTCHAR;
typedef LPWSTR LPTSTR, PTSTR;
typedef LPCWSTR LPCTSTR, PCTSTR;
#define __TEXT(quote) L##quote
#else
typedef char TCHAR, *PTCHAR;
typedef LPSTR LPTSTR, PTSTR;
typedef LPCSTR LPCTSTR, PCTSTR;
#define __TEXT(quote) quote
#endif
#define TEXT(quote) __TEXT(quote)

#ifndef TRUE
#define TRUE 1
#endif
#ifndef FALSE
#define FALSE 0
#endif

typedef asyncselect_HANDLE HANDLE, *PHANDLE, *LPHANDLE;
typedef asyncselect_HWND HWND, *PHWND, *LPHWND;
typedef asyncselect_HINSTANCE HINSTANCE, HMODULE;
typedef asyncselect_HMENU HMENU;
typedef asyncselect_HICON HICON, HCURSOR;
typedef asyncselect_HBRUSH HBRUSH;

typedef struct _GUID {
    ULONG Data1;
    USHORT Data2;
    USHORT Data3;
    UCHAR Data4[8];
} GUID;

/* The library's own types, so that both see one type. */
typedef asyncselect_WNDPROC WNDPROC;
typedef asyncselect_TIMERPROC TIMERPROC;
typedef asyncselect_POINT POINT, *PPOINT, *NPPOINT, *LPPOINT;
typedef asyncselect_MSG MSG, *PMSG, *NPMSG, *LPMSG;
typedef asyncselect_WNDCLASSA WNDCLASSA, *PWNDCLASSA, *LPWNDCLASSA;
typedef asyncselect_WNDCLASSW WNDCLASSW, *PWNDCLASSW, *LPWNDCLASSW;
typedef asyncselect_WNDCLASSEXA WNDCLASSEXA, *PWNDCLASSEXA, *LPWNDCLASSEXA;
typedef asyncselect_WNDCLASSEXW WNDCLASSEXW, *PWNDCLASSEXW, *LPWNDCLASSEXW;
typedef asyncselect_CREATESTRUCTA CREATESTRUCTA, *LPCREATESTRUCTA;
typedef asyncselect_CREATESTRUCTW CREATESTRUCTW, *LPCREATESTRUCTW;
typedef asyncselect_WSAOVERLAPPED OVERLAPPED, *LPOVERLAPPED;
typedef asyncselect_SECURITY_ATTRIBUTES SECURITY_ATTRIBUTES, *PSECURITY_ATTRIBUTES, *LPSECURITY_ATTRIBUTES;
typedef asyncselect_THREAD_START_ROUTINE PTHREAD_START_ROUTINE, LPTHREAD_START_ROUTINE;
#define tagPOINT asyncselect_POINT
#define tagMSG asyncselect_MSG
#define tagWNDCLASSA asyncselect_WNDCLASSA
#define tagWNDCLASSW asyncselect_WNDCLASSW
#define tagWNDCLASSEXA asyncselect_WNDCLASSEXA
#define tagWNDCLASSEXW asyncselect_WNDCLASSEXW
#define tagCREATESTRUCTA asyncselect_CREATESTRUCTA
#define tagCREATESTRUCTW asyncselect_CREATESTRUCTW
#define _OVERLAPPED asyncselect_WSAOVERLAPPED
#define _SECURITY_ATTRIBUTES asyncselect_SECURITY_ATTRIBUTES

#ifdef UNICODE
typedef WNDCLASSW WNDCLASS, *PWNDCLASS, *LPWNDCLASS;
typedef WNDCLASSEXW WNDCLASSEX, *PWNDCLASSEX, *LPWNDCLASSEX;
typedef CREATESTRUCTW CREATESTRUCT, *LPCREATESTRUCT;
#else
typedef WNDCLASSA WNDCLASS, *PWNDCLASS, *LPWNDCLASS;
typedef WNDCLASSEXA WNDCLASSEX, *PWNDCLASSEX, *LPWNDCLASSEX;
typedef CREATESTRUCTA CREATESTRUCT, *LPCREATESTRUCT;
#endif

/* ---- halves, bytes, memory ---- */

#define MAKEWORD(low, high) ((WORD)(((BYTE)((DWORD_PTR)(low)&0xff)) | ((WORD)((BYTE)((DWORD_PTR)(high)&0xff))) << 8))
#define MAKELONG(low, high) \
    ((LONG)(((WORD)((DWORD_PTR)(low)&0xffff)) | ((DWORD)((WORD)((DWORD_PTR)(high)&0xffff))) << 16))
#define LOWORD(value) ((WORD)((DWORD_PTR)(value)&0xffff))
#define HIWORD(value) ((WORD)(((DWORD_PTR)(value) >> 16) & 0xffff))
#define LOBYTE(value) ((BYTE)((DWORD_PTR)(value)&0xff))
#define HIBYTE(value) ((BYTE)(((DWORD_PTR)(value) >> 8) & 0xff))
#define MAKEWPARAM(low, high) ((WPARAM)(DWORD)MAKELONG(low, high))
#define MAKELPARAM(low, high) ((LPARAM)(DWORD)MAKELONG(low, high))
#define MAKELRESULT(low, high) ((LRESULT)(DWORD)MAKELONG(low, high))
#define MAKEINTATOM(atom) ((LPTSTR)((ULONG_PTR)((WORD)(atom))))
#define MAKEINTRESOURCEA(id) ((LPSTR)((ULONG_PTR)((WORD)(id))))
#define MAKEINTRESOURCEW(id) ((LPWSTR)((ULONG_PTR)((WORD)(id))))

#define ZeroMemory(destination, length) memset((destination), 0, (length))
#define FillMemory(destination, length, fill) memset((destination), (fill), (length))
#define CopyMemory(destination, source, length) memcpy((destination), (source), (length))
#define MoveMemory(destination, source, length) memmove((destination), (source), (length))
#define UNREFERENCED_PARAMETER(parameter) ((void)(parameter))
#define ARRAYSIZE(array) (sizeof(array) / sizeof((array)[0]))

#if !defined(NOMINMAX) && !defined(__cplusplus)
#ifndef max
#define max(a, b) (((a) > (b)) ? (a) : (b))
#endif
#ifndef min
#define min(a, b) (((a) < (b)) ? (a) : (b))
#endif
#endif

#define MAX_PATH 260

/* ---- texts of errors, memory, clock, locks ---- */

#define FORMAT_MESSAGE_ALLOCATE_BUFFER 0x00000100
#define FORMAT_MESSAGE_IGNORE_INSERTS 0x00000200
#define FORMAT_MESSAGE_FROM_SYSTEM 0x00001000
#define FORMAT_MESSAGE_ARGUMENT_ARRAY 0x00002000
#define FORMAT_MESSAGE_MAX_WIDTH_MASK 0x000000FF
#define LANG_NEUTRAL 0x00
#define LANG_ENGLISH 0x09
#define SUBLANG_NEUTRAL 0x00
#define SUBLANG_DEFAULT 0x01
#define SUBLANG_ENGLISH_US 0x01
#define MAKELANGID(language, sublanguage) ((WORD)(((WORD)(sublanguage) << 10) | (WORD)(language)))

#define LMEM_FIXED 0x0000
#define LMEM_ZEROINIT 0x0040
#define LPTR (LMEM_FIXED | LMEM_ZEROINIT)
typedef HANDLE HLOCAL;

typedef union _LARGE_INTEGER {
    __extension__ struct {
        DWORD LowPart;
        LONG HighPart;
    };
    struct {
        DWORD LowPart;
        LONG HighPart;
    } u;
    LONGLONG QuadPart;
} LARGE_INTEGER, *PLARGE_INTEGER;

typedef asyncselect_CRITICAL_SECTION CRITICAL_SECTION, *PCRITICAL_SECTION, *LPCRITICAL_SECTION;
#define _RTL_CRITICAL_SECTION asyncselect_CRITICAL_SECTION
#define INVALID_HANDLE_VALUE ((HANDLE)(LONG_PTR)-1)
#define INFINITE 0xFFFFFFFFU

/* ---- errors ---- */

#define NO_ERROR 0
#define ERROR_SUCCESS 0
#define ERROR_INVALID_FUNCTION 1
#define ERROR_ACCESS_DENIED 5
#define ERROR_INVALID_HANDLE 6
#define ERROR_NOT_ENOUGH_MEMORY 8
#define ERROR_OUTOFMEMORY 14
#define ERROR_NOT_SUPPORTED 50
#define ERROR_INVALID_PARAMETER 87
#define ERROR_CALL_NOT_IMPLEMENTED 120
#define ERROR_INSUFFICIENT_BUFFER 122
#define ERROR_MOD_NOT_FOUND 126
#define ERROR_MR_MID_NOT_FOUND 317
#define ERROR_ALREADY_EXISTS 183
#define ERROR_OPERATION_ABORTED 995
#define ERROR_IO_INCOMPLETE 996
#define ERROR_IO_PENDING 997
#define ERROR_NOACCESS 998
#define ERROR_INVALID_WINDOW_HANDLE 1400
#define ERROR_CANNOT_FIND_WND_CLASS 1407
#define ERROR_WINDOW_OF_OTHER_THREAD 1408
#define ERROR_CLASS_ALREADY_EXISTS 1410
#define ERROR_CLASS_DOES_NOT_EXIST 1411
#define ERROR_CLASS_HAS_WINDOWS 1412
#define ERROR_INVALID_INDEX 1413
#define ERROR_INVALID_THREAD_ID 1444
#define ERROR_TIMEOUT 1460
#define ERROR_NOT_ENOUGH_QUOTA 1816

/* ---- windows ---- */

#define HWND_MESSAGE ((HWND)(LONG_PTR)-3)
#define HWND_DESKTOP ((HWND)0)
#define HWND_BROADCAST ((HWND)(LONG_PTR)0xffff)
#define CW_USEDEFAULT ((int)0x80000000U)

#define GWL_STYLE (-16)
#define GWL_EXSTYLE (-20)
#define GWLP_WNDPROC (-4)
#define GWLP_HINSTANCE (-6)
#define GWLP_HWNDPARENT (-8)
#define GWLP_ID (-12)
#define GWLP_USERDATA (-21)

#define CS_VREDRAW 0x0001
#define CS_HREDRAW 0x0002
#define CS_DBLCLKS 0x0008
#define CS_OWNDC 0x0020
#define CS_GLOBALCLASS 0x4000

#define WS_OVERLAPPED 0x00000000U
#define WS_POPUP 0x80000000U
#define WS_CHILD 0x40000000U
#define WS_MINIMIZE 0x20000000U
#define WS_VISIBLE 0x10000000U
#define WS_DISABLED 0x08000000U
#define WS_CLIPSIBLINGS 0x04000000U
#define WS_CLIPCHILDREN 0x02000000U
#define WS_MAXIMIZE 0x01000000U
#define WS_CAPTION 0x00C00000U
#define WS_BORDER 0x00800000U
#define WS_DLGFRAME 0x00400000U
#define WS_VSCROLL 0x00200000U
#define WS_HSCROLL 0x00100000U
#define WS_SYSMENU 0x00080000U
#define WS_THICKFRAME 0x00040000U
#define WS_MINIMIZEBOX 0x00020000U
#define WS_MAXIMIZEBOX 0x00010000U
#define WS_OVERLAPPEDWINDOW (WS_OVERLAPPED | WS_CAPTION | WS_SYSMENU | WS_THICKFRAME | WS_MINIMIZEBOX | WS_MAXIMIZEBOX)
#define WS_POPUPWINDOW (WS_POPUP | WS_BORDER | WS_SYSMENU)
#define WS_EX_TOPMOST 0x00000008U
#define WS_EX_TOOLWINDOW 0x00000080U
#define WS_EX_APPWINDOW 0x00040000U
#define WS_EX_NOACTIVATE 0x08000000U

#define COLOR_WINDOW 5
#define COLOR_WINDOWTEXT 8
#define COLOR_BTNFACE 15

/* ---- messages ---- */

#define WM_NULL 0x0000
#define WM_CREATE 0x0001
#define WM_DESTROY 0x0002
#define WM_MOVE 0x0003
#define WM_SIZE 0x0005
#define WM_ACTIVATE 0x0006
#define WM_SETFOCUS 0x0007
#define WM_KILLFOCUS 0x0008
#define WM_ENABLE 0x000A
#define WM_SETTEXT 0x000C
#define WM_GETTEXT 0x000D
#define WM_GETTEXTLENGTH 0x000E
#define WM_PAINT 0x000F
#define WM_CLOSE 0x0010
#define WM_QUERYENDSESSION 0x0011
#define WM_QUIT 0x0012
#define WM_ERASEBKGND 0x0014
#define WM_ENDSESSION 0x0016
#define WM_SHOWWINDOW 0x0018
#define WM_ACTIVATEAPP 0x001C
#define WM_TIMECHANGE 0x001E
#define WM_COPYDATA 0x004A
#define WM_NOTIFY 0x004E
#define WM_NCCREATE 0x0081
#define WM_NCDESTROY 0x0082
#define WM_KEYDOWN 0x0100
#define WM_KEYUP 0x0101
#define WM_CHAR 0x0102
#define WM_COMMAND 0x0111
#define WM_SYSCOMMAND 0x0112
#define WM_TIMER 0x0113
#define WM_MOUSEMOVE 0x0200
#define WM_POWERBROADCAST 0x0218
#define WM_DEVICECHANGE 0x0219
#define WM_USER 0x0400
#define WM_APP 0x8000

#define PM_NOREMOVE 0x0000
#define PM_REMOVE 0x0001
#define PM_NOYIELD 0x0002

#define QS_KEY 0x0001
#define QS_MOUSEMOVE 0x0002
#define QS_MOUSEBUTTON 0x0004
#define QS_POSTMESSAGE 0x0008
#define QS_TIMER 0x0010
#define QS_PAINT 0x0020
#define QS_SENDMESSAGE 0x0040
#define QS_HOTKEY 0x0080
#define QS_ALLPOSTMESSAGE 0x0100
#define QS_RAWINPUT 0x0400
#define QS_MOUSE (QS_MOUSEMOVE | QS_MOUSEBUTTON)
#define QS_INPUT (QS_MOUSE | QS_KEY | QS_RAWINPUT)
#define QS_ALLEVENTS (QS_INPUT | QS_POSTMESSAGE | QS_TIMER | QS_PAINT | QS_HOTKEY)
#define QS_ALLINPUT (QS_ALLEVENTS | QS_SENDMESSAGE)

#define MWMO_WAITALL 0x0001
#define MWMO_ALERTABLE 0x0002
#define MWMO_INPUTAVAILABLE 0x0004
#define MAXIMUM_WAIT_OBJECTS 64
#define WAIT_OBJECT_0 0x00000000U
#define WAIT_ABANDONED 0x00000080U
#define WAIT_ABANDONED_0 0x00000080U
#define WAIT_IO_COMPLETION 0x000000C0U
#define WAIT_TIMEOUT 258U
#define WAIT_FAILED 0xFFFFFFFFU

#define CREATE_SUSPENDED 0x00000004
#define STACK_SIZE_PARAM_IS_A_RESERVATION 0x00010000
#define STILL_ACTIVE 259U

#define USER_TIMER_MINIMUM 0x0000000A
#define USER_TIMER_MAXIMUM 0x7FFFFFFF

/* ---- functions: described in <asyncselect/asyncselect.h> ---- */

#ifdef __cplusplus
extern "C" {
#endif

ATOM RegisterClassA(const WNDCLASSA* lpWndClass) __asm__("asyncselect_RegisterClassA");
ATOM RegisterClassW(const WNDCLASSW* lpWndClass) __asm__("asyncselect_RegisterClassW");
ATOM RegisterClassExA(const WNDCLASSEXA* lpWndClass) __asm__("asyncselect_RegisterClassExA");
ATOM RegisterClassExW(const WNDCLASSEXW* lpWndClass) __asm__("asyncselect_RegisterClassExW");
BOOL UnregisterClassA(LPCSTR lpClassName, HINSTANCE hInstance) __asm__("asyncselect_UnregisterClassA");
BOOL UnregisterClassW(LPCWSTR lpClassName, HINSTANCE hInstance) __asm__("asyncselect_UnregisterClassW");
HWND CreateWindowExA(DWORD dwExStyle, LPCSTR lpClassName, LPCSTR lpWindowName, DWORD dwStyle, int X, int Y, int nWidth,
                     int nHeight, HWND hWndParent, HMENU hMenu, HINSTANCE hInstance,
                     LPVOID lpParam) __asm__("asyncselect_CreateWindowExA");
HWND CreateWindowExW(DWORD dwExStyle, LPCWSTR lpClassName, LPCWSTR lpWindowName, DWORD dwStyle, int X, int Y,
                     int nWidth, int nHeight, HWND hWndParent, HMENU hMenu, HINSTANCE hInstance,
                     LPVOID lpParam) __asm__("asyncselect_CreateWindowExW");
BOOL DestroyWindow(HWND hWnd) __asm__("asyncselect_DestroyWindow");
BOOL IsWindow(HWND hWnd) __asm__("asyncselect_IsWindow");
LRESULT DefWindowProcA(HWND hWnd, UINT Msg, WPARAM wParam, LPARAM lParam) __asm__("asyncselect_DefWindowProcA");
LRESULT DefWindowProcW(HWND hWnd, UINT Msg, WPARAM wParam, LPARAM lParam) __asm__("asyncselect_DefWindowProcW");
LONG_PTR GetWindowLongPtrA(HWND hWnd, int nIndex) __asm__("asyncselect_GetWindowLongPtrA");
LONG_PTR GetWindowLongPtrW(HWND hWnd, int nIndex) __asm__("asyncselect_GetWindowLongPtrW");
LONG_PTR SetWindowLongPtrA(HWND hWnd, int nIndex, LONG_PTR dwNewLong) __asm__("asyncselect_SetWindowLongPtrA");
LONG_PTR SetWindowLongPtrW(HWND hWnd, int nIndex, LONG_PTR dwNewLong) __asm__("asyncselect_SetWindowLongPtrW");
BOOL GetMessageA(LPMSG lpMsg, HWND hWnd, UINT wMsgFilterMin, UINT wMsgFilterMax) __asm__("asyncselect_GetMessageA");
BOOL GetMessageW(LPMSG lpMsg, HWND hWnd, UINT wMsgFilterMin, UINT wMsgFilterMax) __asm__("asyncselect_GetMessageW");
BOOL PeekMessageA(LPMSG lpMsg, HWND hWnd, UINT wMsgFilterMin, UINT wMsgFilterMax,
                  UINT wRemoveMsg) __asm__("asyncselect_PeekMessageA");
BOOL PeekMessageW(LPMSG lpMsg, HWND hWnd, UINT wMsgFilterMin, UINT wMsgFilterMax,
                  UINT wRemoveMsg) __asm__("asyncselect_PeekMessageW");
LRESULT DispatchMessageA(const MSG* lpMsg) __asm__("asyncselect_DispatchMessageA");
LRESULT DispatchMessageW(const MSG* lpMsg) __asm__("asyncselect_DispatchMessageW");
BOOL TranslateMessage(const MSG* lpMsg) __asm__("asyncselect_TranslateMessage");
BOOL PostMessageA(HWND hWnd, UINT Msg, WPARAM wParam, LPARAM lParam) __asm__("asyncselect_PostMessageA");
BOOL PostMessageW(HWND hWnd, UINT Msg, WPARAM wParam, LPARAM lParam) __asm__("asyncselect_PostMessageW");
LRESULT SendMessageA(HWND hWnd, UINT Msg, WPARAM wParam, LPARAM lParam) __asm__("asyncselect_SendMessageA");
LRESULT SendMessageW(HWND hWnd, UINT Msg, WPARAM wParam, LPARAM lParam) __asm__("asyncselect_SendMessageW");
BOOL PostThreadMessageA(DWORD idThread, UINT Msg, WPARAM wParam,
                        LPARAM lParam) __asm__("asyncselect_PostThreadMessageA");
BOOL PostThreadMessageW(DWORD idThread, UINT Msg, WPARAM wParam,
                        LPARAM lParam) __asm__("asyncselect_PostThreadMessageW");
VOID PostQuitMessage(int nExitCode) __asm__("asyncselect_PostQuitMessage");
UINT_PTR SetTimer(HWND hWnd, UINT_PTR nIDEvent, UINT uElapse, TIMERPROC lpTimerFunc) __asm__("asyncselect_SetTimer");
BOOL KillTimer(HWND hWnd, UINT_PTR uIDEvent) __asm__("asyncselect_KillTimer");
DWORD MsgWaitForMultipleObjects(DWORD nCount, const HANDLE* pHandles, BOOL fWaitAll, DWORD dwMilliseconds,
                                DWORD dwWakeMask) __asm__("asyncselect_MsgWaitForMultipleObjects");
DWORD MsgWaitForMultipleObjectsEx(DWORD nCount, const HANDLE* pHandles, DWORD dwMilliseconds, DWORD dwWakeMask,
                                  DWORD dwFlags) __asm__("asyncselect_MsgWaitForMultipleObjectsEx");
HANDLE CreateEventA(LPSECURITY_ATTRIBUTES lpEventAttributes, BOOL bManualReset, BOOL bInitialState,
                    LPCSTR lpName) __asm__("asyncselect_CreateEventA");
HANDLE CreateEventW(LPSECURITY_ATTRIBUTES lpEventAttributes, BOOL bManualReset, BOOL bInitialState,
                    LPCWSTR lpName) __asm__("asyncselect_CreateEventW");
BOOL SetEvent(HANDLE hEvent) __asm__("asyncselect_SetEvent");
BOOL ResetEvent(HANDLE hEvent) __asm__("asyncselect_ResetEvent");
BOOL CloseHandle(HANDLE hObject) __asm__("asyncselect_CloseHandle");
DWORD WaitForSingleObject(HANDLE hHandle, DWORD dwMilliseconds) __asm__("asyncselect_WaitForSingleObject");
DWORD WaitForMultipleObjects(DWORD nCount, const HANDLE* lpHandles, BOOL bWaitAll,
                             DWORD dwMilliseconds) __asm__("asyncselect_WaitForMultipleObjects");
HANDLE CreateThread(LPSECURITY_ATTRIBUTES lpThreadAttributes, SIZE_T dwStackSize, LPTHREAD_START_ROUTINE lpStartAddress,
                    LPVOID lpParameter, DWORD dwCreationFlags, LPDWORD lpThreadId) __asm__("asyncselect_CreateThread");
BOOL GetExitCodeThread(HANDLE hThread, LPDWORD lpExitCode) __asm__("asyncselect_GetExitCodeThread");
VOID ExitThread(DWORD dwExitCode) __asm__("asyncselect_ExitThread") __attribute__((noreturn));
VOID Sleep(DWORD dwMilliseconds) __asm__("asyncselect_Sleep");
DWORD GetCurrentThreadId(void) __asm__("asyncselect_GetCurrentThreadId");
HMODULE GetModuleHandleA(LPCSTR lpModuleName) __asm__("asyncselect_GetModuleHandleA");
HMODULE GetModuleHandleW(LPCWSTR lpModuleName) __asm__("asyncselect_GetModuleHandleW");
DWORD GetTickCount(void) __asm__("asyncselect_GetTickCount");
ULONGLONG GetTickCount64(void) __asm__("asyncselect_GetTickCount64");
DWORD FormatMessageA(DWORD dwFlags, LPCVOID lpSource, DWORD dwMessageId, DWORD dwLanguageId, LPSTR lpBuffer,
                     DWORD nSize, va_list* Arguments) __asm__("asyncselect_FormatMessageA");
DWORD FormatMessageW(DWORD dwFlags, LPCVOID lpSource, DWORD dwMessageId, DWORD dwLanguageId, LPWSTR lpBuffer,
                     DWORD nSize, va_list* Arguments) __asm__("asyncselect_FormatMessageW");
HLOCAL LocalAlloc(UINT uFlags, SIZE_T uBytes) __asm__("asyncselect_LocalAlloc");
HLOCAL LocalFree(HLOCAL hMem) __asm__("asyncselect_LocalFree");
int WINAPIV wsprintfA(LPSTR lpOut, LPCSTR lpFmt, ...) __asm__("asyncselect_wsprintfA");
int wvsprintfA(LPSTR lpOutput, LPCSTR lpFmt, va_list arglist) __asm__("asyncselect_wvsprintfA");
VOID OutputDebugStringA(LPCSTR lpOutputString) __asm__("asyncselect_OutputDebugStringA");
VOID OutputDebugStringW(LPCWSTR lpOutputString) __asm__("asyncselect_OutputDebugStringW");
BOOL QueryPerformanceCounter(LARGE_INTEGER* lpPerformanceCount) __asm__("asyncselect_QueryPerformanceCounter");
BOOL QueryPerformanceFrequency(LARGE_INTEGER* lpFrequency) __asm__("asyncselect_QueryPerformanceFrequency");
VOID InitializeCriticalSection(LPCRITICAL_SECTION lpCriticalSection) __asm__("asyncselect_InitializeCriticalSection");
BOOL InitializeCriticalSectionAndSpinCount(LPCRITICAL_SECTION lpCriticalSection, DWORD dwSpinCount) __asm__(
    "asyncselect_InitializeCriticalSectionAndSpinCount");
VOID DeleteCriticalSection(LPCRITICAL_SECTION lpCriticalSection) __asm__("asyncselect_DeleteCriticalSection");
VOID EnterCriticalSection(LPCRITICAL_SECTION lpCriticalSection) __asm__("asyncselect_EnterCriticalSection");
BOOL TryEnterCriticalSection(LPCRITICAL_SECTION lpCriticalSection) __asm__("asyncselect_TryEnterCriticalSection");
VOID LeaveCriticalSection(LPCRITICAL_SECTION lpCriticalSection) __asm__("asyncselect_LeaveCriticalSection");
DWORD GetLastError(void) __asm__("asyncselect_GetLastError");
VOID SetLastError(DWORD dwErrCode) __asm__("asyncselect_SetLastError");

#ifdef __cplusplus
}
#endif

/* ---- functions of these headers alone ---- */

/* The length of a string in characters, 0 for null. */
static __inline__ int lstrlenA(LPCSTR text) { return text ? (int)strlen(text) : 0; }
static __inline__ int lstrlenW(LPCWSTR text) { return text ? (int)wcslen(text) : 0; }
/* Copies a string, and appends one. */
static __inline__ LPSTR lstrcpyA(LPSTR to, LPCSTR from) { return strcpy(to, from); }
static __inline__ LPSTR lstrcatA(LPSTR to, LPCSTR from) { return strcat(to, from); }
/* Copies as much of a string as there is room for, with its null character. */
static __inline__ LPSTR lstrcpynA(LPSTR to, LPCSTR from, int room) {
    int i = 0;
    if (room <= 0) return to;
    for (; i < room - 1 && from[i]; ++i) to[i] = from[i];
    to[i] = '\0';
    return to;
}
/* Compares two strings by their bytes; the second takes capital and small letters as the same. */
static __inline__ int lstrcmpA(LPCSTR a, LPCSTR b) { return strcmp(a, b); }
static __inline__ int lstrcmpiA(LPCSTR a, LPCSTR b) { return strcasecmp(a, b); }

/* One step that no other thread interrupts, on a LONG or, as `long` is another type here, on a `long` too. */
#ifdef __cplusplus
extern "C++" {
template <class Integer>
inline Integer InterlockedIncrement(Integer volatile* addend) {
    return __atomic_add_fetch(addend, 1, __ATOMIC_SEQ_CST);
}
template <class Integer>
inline Integer InterlockedDecrement(Integer volatile* addend) {
    return __atomic_sub_fetch(addend, 1, __ATOMIC_SEQ_CST);
}
template <class Integer, class Value>
inline Integer InterlockedExchange(Integer volatile* target, Value value) {
    return __atomic_exchange_n(target, (Integer)value, __ATOMIC_SEQ_CST);
}
template <class Integer, class Value>
inline Integer InterlockedExchangeAdd(Integer volatile* addend, Value value) {
    return __atomic_fetch_add(addend, (Integer)value, __ATOMIC_SEQ_CST);
}
template <class Integer, class Exchange, class Comparand>
inline Integer InterlockedCompareExchange(Integer volatile* destination, Exchange exchange, Comparand comparand) {
    Integer seen = (Integer)comparand;
    __atomic_compare_exchange_n(destination, &seen, (Integer)exchange, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
    return seen;
}
}
#else
#define InterlockedIncrement(addend) __atomic_add_fetch((addend), 1, __ATOMIC_SEQ_CST)
#define InterlockedDecrement(addend) __atomic_sub_fetch((addend), 1, __ATOMIC_SEQ_CST)
#define InterlockedExchange(target, value) __atomic_exchange_n((target), (value), __ATOMIC_SEQ_CST)
#define InterlockedExchangeAdd(addend, value) __atomic_fetch_add((addend), (value), __ATOMIC_SEQ_CST)
#define InterlockedCompareExchange(destination, exchange, comparand) \
    __sync_val_compare_and_swap((destination), (comparand), (exchange))
#endif
static __inline__ PVOID InterlockedExchangePointer(PVOID volatile* target, PVOID value) {
    return __atomic_exchange_n(target, value, __ATOMIC_SEQ_CST);
}
static __inline__ PVOID InterlockedCompareExchangePointer(PVOID volatile* destination, PVOID exchange,
                                                          PVOID comparand) {
    return __sync_val_compare_and_swap(destination, comparand, exchange);
}

#define CreateWindowA(className, windowName, style, x, y, width, height, parent, menu, instance, parameter) \
    CreateWindowExA(0, className, windowName, style, x, y, width, height, parent, menu, instance, parameter)
#define CreateWindowW(className, windowName, style, x, y, width, height, parent, menu, instance, parameter) \
    CreateWindowExW(0, className, windowName, style, x, y, width, height, parent, menu, instance, parameter)
#define PostAppMessageA(thread, message, wParam, lParam) PostThreadMessageA((DWORD)(thread), message, wParam, lParam)
#define PostAppMessageW(thread, message, wParam, lParam) PostThreadMessageW((DWORD)(thread), message, wParam, lParam)

#ifdef UNICODE
#define MAKEINTRESOURCE MAKEINTRESOURCEW
#define RegisterClass RegisterClassW
#define RegisterClassEx RegisterClassExW
#define UnregisterClass UnregisterClassW
#define CreateWindow CreateWindowW
#define CreateWindowEx CreateWindowExW
#define CreateEvent CreateEventW
#define DefWindowProc DefWindowProcW
#define GetWindowLongPtr GetWindowLongPtrW
#define SetWindowLongPtr SetWindowLongPtrW
#define GetMessage GetMessageW
#define PeekMessage PeekMessageW
#define DispatchMessage DispatchMessageW
#define PostMessage PostMessageW
#define SendMessage SendMessageW
#define PostThreadMessage PostThreadMessageW
#define GetModuleHandle GetModuleHandleW
#define FormatMessage FormatMessageW
#define OutputDebugString OutputDebugStringW
#define lstrlen lstrlenW
#else
#define MAKEINTRESOURCE MAKEINTRESOURCEA
#define RegisterClass RegisterClassA
#define RegisterClassEx RegisterClassExA
#define UnregisterClass UnregisterClassA
#define CreateWindow CreateWindowA
#define CreateWindowEx CreateWindowExA
#define CreateEvent CreateEventA
#define DefWindowProc DefWindowProcA
#define GetWindowLongPtr GetWindowLongPtrA
#define SetWindowLongPtr SetWindowLongPtrA
#define GetMessage GetMessageA
#define PeekMessage PeekMessageA
#define DispatchMessage DispatchMessageA
#define PostMessage PostMessageA
#define SendMessage SendMessageA
#define PostThreadMessage PostThreadMessageA
#define GetModuleHandle GetModuleHandleA
#define FormatMessage FormatMessageA
#define OutputDebugString OutputDebugStringA
#define wsprintf wsprintfA
#define wvsprintf wvsprintfA
#define lstrlen lstrlenA
#define lstrcpy lstrcpyA
#define lstrcpyn lstrcpynA
#define lstrcat lstrcatA
#define lstrcmp lstrcmpA
#define lstrcmpi lstrcmpiA
#endif

#ifndef WIN32_LEAN_AND_MEAN
#include "winsock2.h"
#endif

#endif
